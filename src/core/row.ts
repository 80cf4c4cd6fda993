// A row is one conversation. This file knows its shape and its codec, not where rows come from.

/** Who speaks. Other tools' names (human, gpt, observation ...) are mapped onto these by the readers. */
export const roles = ["system", "user", "assistant", "tool"] as const;
export type Role = (typeof roles)[number];

export interface Message {
  readonly role: Role;
  readonly content: string;
  /** False: an assistant's turn that carries no loss, as the record asked. Elsewhere it is left out, true too. */
  readonly train?: false;
}

/** One conversation with its place of origin. */
export interface Row {
  /** Stable and unique: `<source>/<file>#<record>`. */
  readonly id: string;
  /** The name of the source in the recipe. */
  readonly source: string;
  /** `<file>#<record>`; records are numbered from 1 (lines in JSONL, data rows in CSV and Parquet). */
  readonly origin: string;
  readonly messages: readonly Message[];
  /** Everything else the record carried, as JSON values. */
  readonly meta: Readonly<Record<string, unknown>>;
}

/** What the user turns say, joined by newlines; system and tool turns are left out. */
export function instructionOf(messages: readonly Message[]): string {
  return joined(messages, "user");
}

/** What the assistant turns say, joined by newlines. */
export function responseOf(messages: readonly Message[]): string {
  return joined(messages, "assistant");
}

/** The whole conversation as plain text, turns joined by newlines, without role names. */
export function conversationOf(messages: readonly Message[]): string {
  return messages.map((message) => message.content).join("\n");
}

function joined(messages: readonly Message[], role: Role): string {
  let text: string | undefined;
  for (const message of messages) {
    if (message.role === role) text = text === undefined ? message.content : `${text}\n${message.content}`;
  }
  return text ?? "";
}
