// What every layout is turned into: messages in our roles, in a turn order that can be trained on.
//
// Roles are mapped from other tools' names. Content may be a text or a list of text parts; a list of several plain texts is refused. Tool calls beside it become part of it, as JSON: any
// chat template then shows them, and the model learns to make them.
// The turn order is judged, not mended. Accepted: system messages first, then turns that begin with a user and end with an assistant; users and
// assistants may speak several times in a row; tool turns follow an assistant. A row of one assistant text alone is plain text (format: text).
// Everything else is odd and goes to quarantine: a conversation that begins with an assistant, ends without an answer, has a system message
// in the middle, or a tool result that nobody asked for. System messages without text say nothing and are left out.
import type { Message, Role } from "../../core/row.ts";

export type RefusalReason =
  | "not_an_object"
  | "unknown_layout"
  | "wrong_type"
  | "missing_column"
  | "empty_conversation"
  | "unknown_role"
  | "no_assistant"
  | "bad_turn_order"
  | "too_deep";

/** Why a record is no row. */
export interface Refused {
  readonly reason: RefusalReason;
  readonly detail: string;
}

export interface Conversation {
  readonly messages: readonly Message[];
}

export type Json = Readonly<Record<string, unknown>>;

const roleNames: Readonly<Record<Role, string>> = {
  system: "system developer",
  user: "user human prompter customer client question instruction",
  assistant: "assistant gpt chatgpt bard bing claude model agent bot ai assistant_response function_call tool_call answer response",
  tool: "tool function observation function_response tool_response tool_result ipython environment",
};
const rolesByName = new Map<string, Role>();
for (const [role, names] of Object.entries(roleNames)) for (const name of names.split(" ")) rolesByName.set(name, role as Role);

export function refuse(reason: RefusalReason, detail: string): Refused {
  return { reason, detail };
}

export function isRefused(value: object): value is Refused {
  return "reason" in value;
}

/** A message in any tool's words. `at` names it in details. */
export function toMessage(role: unknown, content: unknown, at: string, calls?: unknown): Message | Refused {
  if (typeof role !== "string") return refuse("wrong_type", `${at}: the role is ${kindOf(role)}, not a text`);
  const ours = rolesByName.get(role.trim().toLowerCase());
  if (ours === undefined) return refuse("unknown_role", `${at}: the role ${JSON.stringify(role)} is not known`);
  const text = toText(content, calls);
  if (text === undefined) return refuse("wrong_type", contentFault(content, at));
  return { role: ours, content: text };
}

function contentFault(content: unknown, at: string): string {
  if (!Array.isArray(content) || !content.some((part) => typeof part === "string"))
    return `${at}: the content is ${kindOf(content)}, not a text`;
  return `${at}: the content is a list of ${content.length} texts, and nothing says whether they are parts or choices: write one text, or parts { "type": "text", "text": ... }`;
}

/** A text or a list of text parts, and the tool calls behind it. */
function toText(content: unknown, calls: unknown): string | undefined {
  const called =
    calls === undefined || calls === null || (Array.isArray(calls) && calls.length === 0) ? "" : wellFormed(JSON.stringify(calls));
  const text = called !== "" && (content === null || content === undefined) ? "" : contentText(content);
  return text === undefined || called === "" ? text : text === "" ? called : `${text}\n${called}`;
}

function contentText(content: unknown): string | undefined {
  if (typeof content === "string") return wellFormed(content);
  if (Array.isArray(content)) {
    // Parts follow one another as chat templates write them, with nothing between. Texts without a type might as well be choices, or lines.
    if (content.length > 1 && content.some((part) => typeof part === "string")) return undefined;
    const parts = content.map(partText);
    return parts.includes(undefined) ? undefined : wellFormed(parts.join(""));
  }
  if (typeof content === "number" || typeof content === "boolean" || typeof content === "bigint") return String(content);
  return undefined;
}

/** A text, or { type: "text", text } (also with value); images and the like are no text. */
function partText(part: unknown): string | undefined {
  if (typeof part === "string") return part;
  if (!isObject(part)) return undefined;
  return [part.text, part.value].find((text) => typeof text === "string");
}

/** Half a surrogate pair, which no file can hold, becomes U+FFFD. */
function wellFormed(text: string): string {
  return /[\ud800-\udfff]/.test(text)
    ? text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd")
    : text;
}

/** Judges the turn order. */
export function toConversation(given: readonly (Message | Refused)[]): Conversation | Refused {
  const messages: Message[] = [];
  for (const message of given) {
    if (isRefused(message)) return message;
    if (message.role !== "system" || message.content.trim() !== "") messages.push(message);
  }
  if (messages.length === 0) return refuse("empty_conversation", "there is no message");
  if (!messages.some(({ role }) => role === "assistant")) return refuse("no_assistant", `there are only ${rolesOf(messages)} messages`);
  const fault = orderFault(messages);
  return fault === undefined ? { messages } : refuse("bad_turn_order", `${fault}: ${rolesOf(messages)}`);
}

function orderFault(messages: readonly Message[]): string | undefined {
  const first = messages.findIndex(({ role }) => role !== "system");
  const alone = messages.length === 1;
  if (messages[first].role !== "user" && !alone) return `the first turn is ${article(messages[first].role)}`;
  for (let i = first; i < messages.length; i++) {
    const { role } = messages[i];
    const before = messages[i - 1]?.role;
    if (role === "system") return `message ${i + 1} is a system message in the middle`;
    if (role === "tool" && before !== "assistant" && before !== "tool")
      return `message ${i + 1} is a tool's result after ${article(before)}`;
  }
  const last = messages[messages.length - 1].role;
  return last === "assistant" ? undefined : `the last turn is ${article(last)}, without an answer`;
}

function article(role: Role | undefined): string {
  return role === undefined ? "nothing" : role === "assistant" ? "an assistant's" : `a ${role}'s`;
}

function rolesOf(messages: readonly Message[]): string {
  const shown = messages.slice(0, 12).map(({ role }) => role);
  return shown.join(", ") + (messages.length > shown.length ? ", ..." : "");
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** For details: what a value is. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
