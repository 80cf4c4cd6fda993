// From a conversation to what a model is asked to continue: all tokens up to where the assistant's answer begins, and the tokens that end it.
// Both come from the rendering that training uses, so that a model is asked exactly as it was taught.
import type { Message } from "../core/row.ts";
import type { ConversationEncoder } from "./conversation.ts";
import { isRefusal, type Refusal, type RowMeta } from "./template.ts";
import type { Tokenizer } from "./types.ts";

export interface Prompt {
  /** ids[tokens] */
  readonly ids: Uint32Array;
  /** An answer is over at any of these. */
  readonly endTokens: ReadonlySet<number>;
}

/** A stand-in for the answer; which one does not matter. */
const answer: Message = { role: "assistant", content: "x" };

/** `messages` end with a user's or a tool's; eosToken is the tokenizer's own, where it has one. */
export function promptOf(
  messages: readonly Message[],
  {
    encoder,
    tokenizer,
    eosToken,
    meta,
  }: { encoder: ConversationEncoder; tokenizer: Tokenizer; eosToken: string | undefined; meta?: RowMeta },
): Prompt | Refusal {
  const encoded = encoder.encode([...messages, answer], meta);
  if (isRefusal(encoded)) return encoded;
  const { ids, runs } = encoded;
  // The last run with loss is the answer and its end.
  const run = runs.length % 2 === 0 ? runs.length - 1 : runs.length - 2;
  const to = ids.length - (run + 1 < runs.length ? runs[run + 1] : 0);
  const from = to - (run > 0 ? runs[run] : 0);
  const special = new Set(tokenizer.addedTokens.map(({ id }) => id));
  const endTokens = new Set<number>();
  for (let i = from; i < to; i++) if (special.has(ids[i])) endTokens.add(ids[i]);
  const eos = eosToken === undefined ? undefined : tokenizer.addedToken(eosToken);
  if (eos !== undefined) endTokens.add(eos);
  return { ids: ids.slice(0, from), endTokens };
}
