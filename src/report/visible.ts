// Characters that show nothing, or that change how others are shown, as symbols that can be read.

/**
 * C0 and C1 controls but line feed and tab; zero-width space, word joiner, byte order mark; marks that embed, override or isolate a
 * direction; line and paragraph separators; tag characters; half surrogate pairs. Joiners and left-to-right marks stay: scripts need them.
 */
const hidden =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/gu;

export function visible(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(hidden, symbol);
}

function symbol(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
}
