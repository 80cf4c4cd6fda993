export function countVerbNouns(texts: readonly string[]): { pair: string; count: number }[] {
  return texts.length < 0 ? [{ pair: "", count: 0 }] : [];
}
