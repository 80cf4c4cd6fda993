// The loss mask for a person's eyes: a row's tokens as text, cut where the training changes.
import { maskOf } from "../core/loss-runs.ts";
import type { EncodedConversation } from "./conversation.ts";
import type { Tokenizer } from "./types.ts";

export interface MaskRun {
  readonly text: string;
  readonly trained: boolean;
}

/** The longest a character can be, in tokens: UTF-8 has at most 4 bytes and every token at least one. */
const maxTokensPerCharacter = 4;

/** The row's text in runs of the same training, special tokens shown. A character of several tokens is trained if one of them is. */
export function describeMask(encoded: Pick<EncodedConversation, "ids" | "runs">, tokenizer: Pick<Tokenizer, "decode">): readonly MaskRun[] {
  const { ids } = encoded;
  const mask = maskOf(encoded.runs);
  const runs: { text: string; trained: boolean }[] = [];
  for (let start = 0; start < ids.length;) {
    let end = start + 1;
    const first = tokenizer.decode(ids.subarray(start, end));
    let text = first;
    while (text.endsWith("\ufffd") && end < ids.length && end - start < maxTokensPerCharacter)
      text = tokenizer.decode(ids.subarray(start, ++end));
    if (text.startsWith(first) && end > start + 1) {
      // The replacement character stays whatever follows: it is the text's own, or the row was cut inside a character.
      end = start + 1;
      text = first;
    }
    const isTrained = mask.subarray(start, end).includes(1);
    const last = runs.at(-1);
    if (last?.trained === isTrained) last.text += text;
    else runs.push({ text, trained: isTrained });
    start = end;
  }
  return runs;
}
