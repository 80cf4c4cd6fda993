// Whether two tokenizers mean the same by their ids: what a model has learned of an id holds only for the token it was trained on. Ids that only
// one of them has (tokens added at the end) are no difference. It compares ids, texts and merges, not how text is normalised and cut into words.
import { isObject, readAddedTokens, readTop } from "./tokenizer-json.ts";
import type { TokenizerFiles } from "./types.ts";

export interface VocabularyDifference {
  /** Ids that both have. */
  readonly shared: number;
  /** Of these, ids that are another text in each. */
  readonly different: number;
  /** The first such id. */
  readonly example: { readonly id: number; readonly first: string; readonly second: string } | undefined;
  /** Both have merges, and one's list is not the beginning of the other's: the same text may become other tokens. */
  readonly otherMerges: boolean;
}

export function vocabularyDifference(first: TokenizerFiles, second: TokenizerFiles): VocabularyDifference {
  const [a, b] = [textsOf(first), textsOf(second)];
  let shared = 0;
  let different = 0;
  let example: VocabularyDifference["example"];
  for (let id = 0; id < Math.min(a.length, b.length); id++) {
    const [ours, theirs] = [a[id], b[id]];
    if (ours === undefined || theirs === undefined) continue;
    shared++;
    if (ours === theirs) continue;
    different++;
    example ??= { id, first: ours, second: theirs };
  }
  return { shared, different, example, otherMerges: otherMerges(first, second) };
}

/** texts[id]; an added token's text stands for its id. */
function textsOf(files: TokenizerFiles): (string | undefined)[] {
  const { top, model } = readTop(files);
  const texts: (string | undefined)[] = [];
  // Unigram lists [text, score] in the order of ids.
  if (Array.isArray(model.vocab))
    for (const entry of model.vocab as unknown[]) texts.push(Array.isArray(entry) ? String(entry[0]) : undefined);
  else if (isObject(model.vocab)) for (const [text, id] of Object.entries(model.vocab)) if (isPlace(id)) texts[id] = text;
  for (const { id, content } of readAddedTokens(files, top)) if (isPlace(id)) texts[id] = content;
  return texts;
}

/** Larger ids are damage, and would make a sparse array of the file's choosing. */
function isPlace(id: unknown): id is number {
  return Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < 1 << 24;
}

function otherMerges(first: TokenizerFiles, second: TokenizerFiles): boolean {
  const [a, b] = [readTop(first).model.merges, readTop(second).model.merges];
  if (!Array.isArray(a) || !Array.isArray(b)) return false;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (mergeText(a[i]) !== mergeText(b[i])) return true;
  return false;
}

/** "a b" and ["a", "b"] are two ways to write a merge. */
function mergeText(merge: unknown): string {
  return Array.isArray(merge) ? merge.join(" ") : String(merge);
}
