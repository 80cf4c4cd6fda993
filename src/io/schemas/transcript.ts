// Conversations written as one text: "\n\nHuman: ... \n\nAssistant: ..." (hh-rlhf), also System and User as speakers.
import type { Message } from "../../core/row.ts";
import { type Refused, refuse, toMessage } from "./conversation.ts";

const marks = /(?:^|\n\n)(Human|User|Assistant|System): ?/g;

/** True for a text that begins with a human's (or the system's) mark and holds an assistant's. */
export function isTranscript(value: unknown): value is string {
  return typeof value === "string" && /^\s{0,4}(?:Human|User|System):/.test(value) && value.includes("\n\nAssistant:");
}

/** Turns in order; texts are trimmed, as the marks' white space is not theirs. */
export function splitTranscript(text: string): (Message | Refused)[] {
  const turns: (Message | Refused)[] = [];
  const found = [...`\n\n${text.trim()}`.matchAll(marks)];
  const whole = `\n\n${text.trim()}`;
  found.forEach((match, i) => {
    const from = match.index + match[0].length;
    turns.push(toMessage(match[1], whole.slice(from, found[i + 1]?.index ?? whole.length).trim(), `turn ${i + 1}`));
  });
  return turns.length > 0 ? turns : [refuse("unknown_layout", "the text has no Human: and Assistant: turns")];
}
