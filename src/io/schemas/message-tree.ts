// OpenAssistant's message trees to one conversation: at each message the reply of best rank is followed (rank 0 is best; without ranks the
// first), and the path ends with its last assistant message.
import { isObject, type Json } from "./conversation.ts";

interface Turn {
  readonly role: unknown;
  readonly text: unknown;
}

/** Deeper trees than any real one are cut, so that a cyclic or hostile one cannot hang. */
const mostTurns = 1000;

export function bestReplies(prompt: Json): Turn[] {
  const turns: Turn[] = [];
  for (let node: Json | undefined = prompt; node && turns.length < mostTurns; node = bestOf(node.replies))
    turns.push({ role: node.role, text: node.text });
  const last = turns.findLastIndex(({ role }) => role === "assistant");
  return last < 0 ? turns : turns.slice(0, last + 1);
}

function bestOf(replies: unknown): Json | undefined {
  if (!Array.isArray(replies)) return undefined;
  let best: Json | undefined;
  for (const reply of replies) if (isObject(reply) && (best === undefined || rankOf(reply) < rankOf(best))) best = reply;
  return best;
}

function rankOf({ rank }: Json): number {
  return typeof rank === "number" ? rank : Number.MAX_VALUE;
}
