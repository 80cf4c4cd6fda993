// Whole conversations in one text: hh-rlhf's "\n\nHuman: ... \n\nAssistant: ..." and "### Human: ... ### Assistant: ...".
import { type Conversation, conversationOf, type Turn } from "./turns.ts";
import { type Rejected, wellFormed } from "./types.ts";

const styles = [
  { user: "\n\nHuman:", assistant: "\n\nAssistant:" },
  { user: "### Human:", assistant: "### Assistant:" },
] as const;

/** True where a text is a transcript: it begins with a user's turn and holds an assistant's. */
export function isTranscript(text: string): boolean {
  return styleOf(text) !== undefined;
}

function styleOf(text: string): (typeof styles)[number] | undefined {
  const start = text.slice(0, 64).trimStart();
  return styles.find(({ user, assistant }) => start.startsWith(user.trimStart()) && text.includes(assistant));
}

/** A transcript's turns, each without the white space around it. */
export function parseTranscript(text: string): Conversation | Rejected | undefined {
  const style = styleOf(text);
  if (!style) return undefined;
  const padded = style.user.startsWith("\n") ? `\n\n${text.trimStart()}` : text.trimStart();
  const turns: Turn[] = [];
  for (let at = 0; at < padded.length;) {
    const role = padded.startsWith(style.user, at) ? "user" : "assistant";
    const start = at + style[role].length;
    const stop = nearest(padded.indexOf(style.user, start), padded.indexOf(style.assistant, start));
    const end = stop < 0 ? padded.length : stop;
    turns.push({ role, content: wellFormed(padded.slice(start, end).trim()) });
    at = end;
  }
  return conversationOf(turns);
}

function nearest(a: number, b: number): number {
  if (a < 0) return b;
  return b < 0 ? a : Math.min(a, b);
}
