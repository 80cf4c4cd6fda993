// Turns of any spelling to messages, and the rules of their order.
//
// What is quarantined: a conversation without turns (empty_conversation) or without an assistant's turn (no_assistant); a role nobody knows
// (unknown_role); content that is no text (wrong_type); and as bad_turn_order: an assistant's turn before the first user's, two user or two
// assistant turns in a row, a tool's turn that follows no assistant's, a system turn behind the first other turn.
// What is mended, with nothing lost: several system turns at the start are joined by a blank line; a function call that follows the assistant's
// own words joins them as the next line of that turn; turns after the last assistant's turn have no answer to learn from and go to
// meta.unanswered. Empty content stays: the filter `empty` judges it. Texts are kept as they are, NUL and U+2028 too; lone surrogates become U+FFFD.
import type { Message, Role } from "../../core/row.ts";
import { type Fields, isFields, isRejected, kindOf, put, type Rejected, reject, wellFormed } from "./types.ts";

const roleNames: Readonly<Record<string, Role>> = {
  system: "system",
  developer: "system",
  user: "user",
  human: "user",
  prompter: "user",
  question: "user",
  assistant: "assistant",
  gpt: "assistant",
  bot: "assistant",
  model: "assistant",
  agent: "assistant",
  ai: "assistant",
  chatbot: "assistant",
  chatgpt: "assistant",
  gpt4: "assistant",
  "gpt-4": "assistant",
  bing: "assistant",
  bard: "assistant",
  claude: "assistant",
  answer: "assistant",
  function_call: "assistant",
  "function-call": "assistant",
  tool_call: "assistant",
  tool_calls: "assistant",
  tool: "tool",
  function: "tool",
  observation: "tool",
  function_response: "tool",
  "function-response": "tool",
  tool_response: "tool",
  tool_result: "tool",
  ipython: "tool",
  environment: "tool",
};

const callRoles = new Set(["function_call", "function-call", "tool_call", "tool_calls"]);

export function roleOf(name: string): Role | undefined {
  if (Object.hasOwn(roleNames, name)) return roleNames[name];
  const lower = name.trim().toLowerCase();
  return Object.hasOwn(roleNames, lower) ? roleNames[lower] : undefined;
}

/** A turn as a layout found it. */
export interface Turn {
  readonly role: Role;
  readonly content: string;
  /** A function call that belongs to the assistant's words before it. */
  readonly call?: boolean;
  readonly toolCalls?: readonly unknown[];
  readonly fields?: Fields;
}

export interface Conversation {
  readonly messages: readonly Message[];
  /** What belongs to meta: unanswered turns, tool calls and other fields by message. */
  readonly more: Fields | undefined;
}

/** Reads a list of turns: role/content, from/value, or mixtures of such names. */
export function turnsOf(list: readonly unknown[]): Turn[] | Rejected {
  const turns: Turn[] = [];
  for (let i = 0; i < list.length; i++) {
    const turn = turnOf(list[i], i + 1);
    if (isRejected(turn)) return turn;
    turns.push(turn);
  }
  return turns;
}

const roleKeys = ["role", "from", "speaker", "author"] as const;
const contentKeys = ["content", "value", "text", "message"] as const;

/** True where a value looks like a turn of a conversation. */
export function looksLikeTurn(value: unknown): value is Fields {
  return isFields(value) && roleKeys.some((key) => key in value) && (contentKeys.some((key) => key in value) || "tool_calls" in value);
}

function turnOf(value: unknown, number: number): Turn | Rejected {
  if (!isFields(value)) return reject("wrong_type", `turn ${number} is ${kindOf(value)}, expected an object with role and content`);
  const roleKey = roleKeys.find((key) => value[key] !== undefined);
  const name = roleKey === undefined ? undefined : value[roleKey];
  if (typeof name !== "string") return reject("unknown_role", `turn ${number} names no role: ${roleKey ?? "role"} is ${kindOf(name)}`);
  const role = roleOf(name);
  if (role === undefined) return reject("unknown_role", `turn ${number} has the role ${JSON.stringify(name.slice(0, 60))}`);
  const contentKey = contentKeys.find((key) => value[key] !== undefined && value[key] !== null);
  const toolCalls = toolCallsOf(value);
  const content =
    contentKey === undefined && toolCalls
      ? ""
      : contentOf(contentKey === undefined ? (value["content"] ?? value["value"]) : value[contentKey]);
  if (typeof content !== "string") return reject("wrong_type", `turn ${number} (${name}): ${content.detail}`);
  return { role, content, ...(callRoles.has(name) ? { call: true } : {}), ...(toolCalls ? { toolCalls } : {}), ...extraOf(value) };
}

/** Text, or a list of parts of text. */
function contentOf(value: unknown): string | { readonly detail: string } {
  if (typeof value === "string") return wellFormed(value);
  if (!Array.isArray(value)) return { detail: `the content is ${kindOf(value)}, expected text` };
  let text = "";
  for (const part of value as unknown[]) {
    const piece = typeof part === "string" ? part : isFields(part) ? (part["text"] ?? part["value"] ?? part["content"]) : undefined;
    if (typeof piece !== "string") {
      const type = isFields(part) && typeof part["type"] === "string" ? ` of type ${part["type"].slice(0, 40)}` : "";
      return { detail: `the content has a part${type} that is no text` };
    }
    text += piece;
  }
  return wellFormed(text);
}

/** OpenAI's tool_calls and function_call, with arguments as values: chat templates expect them so. */
function toolCallsOf(value: Fields): readonly unknown[] | undefined {
  const legacy = value["function_call"];
  const calls = Array.isArray(value["tool_calls"])
    ? (value["tool_calls"] as unknown[])
    : isFields(legacy)
      ? [{ type: "function", function: legacy }]
      : [];
  return calls.length === 0 ? undefined : calls.map(withParsedArguments);
}

function withParsedArguments(call: unknown): unknown {
  if (!isFields(call)) return call;
  const inner = isFields(call["function"]) ? call["function"] : undefined;
  const text = inner?.["arguments"];
  if (inner === undefined || typeof text !== "string") return call;
  try {
    return { ...call, function: { ...inner, arguments: JSON.parse(text) as unknown } };
  } catch {
    return call;
  }
}

const messageFields = ["name", "tool_call_id", "reasoning_content", "weight", "loss_weight", "train"] as const;

function extraOf(value: Fields): { readonly fields?: Fields } {
  let fields: Record<string, unknown> | undefined;
  for (const key of messageFields) if (value[key] !== undefined && value[key] !== null) (fields ??= {})[key] = value[key];
  return fields ? { fields } : {};
}

/** Turns in order to a conversation, by the rules above. `system` stands before them. */
export function conversationOf(turns: readonly Turn[], system?: string): Conversation | Rejected {
  const all = system === undefined || system === "" ? turns : [{ role: "system", content: wellFormed(system) } as const, ...turns];
  if (turns.length === 0) return reject("empty_conversation", "the list of turns is empty");
  if (!turns.some(({ role }) => role === "assistant")) {
    return reject("no_assistant", `${turns.length} ${turns.length === 1 ? "turn" : "turns"}, none of them the assistant's`);
  }
  const joined = joinTurns(all);
  if (isRejected(joined)) return joined;
  let last = joined.length - 1;
  while (joined[last].role !== "assistant") last--;
  const unanswered = joined.slice(last + 1).map(({ role, content }) => ({ role, content }));
  const kept = joined.slice(0, last + 1);
  return { messages: kept.map(({ role, content }) => ({ role, content })), more: moreOf(kept, unanswered) };
}

function moreOf(turns: readonly Turn[], unanswered: readonly Message[]): Fields | undefined {
  const more: Record<string, unknown> = {};
  if (unanswered.length > 0) put(more, "unanswered", unanswered);
  if (turns.some(({ toolCalls }) => toolCalls))
    put(
      more,
      "tool_calls",
      turns.map(({ toolCalls }) => toolCalls ?? null),
    );
  if (turns.some(({ fields }) => fields))
    put(
      more,
      "message_fields",
      turns.map(({ fields }) => fields ?? null),
    );
  return Object.keys(more).length > 0 ? more : undefined;
}

/** Joins what belongs together and checks the order. */
function joinTurns(turns: readonly Turn[]): Turn[] | Rejected {
  const joined: Turn[] = [];
  for (let i = 0; i < turns.length; i++) {
    const turn = turns[i];
    const before = joined[joined.length - 1] as Turn | undefined;
    if (turn.role === "system" && before?.role === "system") {
      joined[joined.length - 1] = { ...before, content: `${before.content}\n\n${turn.content}` };
      continue;
    }
    if (turn.role === "assistant" && before?.role === "assistant" && (turn.call === true || before.call === true)) {
      joined[joined.length - 1] = { ...before, ...turn, content: `${before.content}\n${turn.content}` };
      continue;
    }
    const wrong = orderFault(before, turn);
    if (wrong) return reject("bad_turn_order", `turn ${i + 1}: ${wrong}`);
    joined.push(turn);
  }
  return joined;
}

function orderFault(before: Turn | undefined, { role }: Turn): string | undefined {
  const previous = before?.role ?? "start";
  if (role === "system") return previous === "start" ? undefined : `a system turn behind a turn of ${previous}`;
  if (role === "user") return previous === "user" ? "two user turns in a row" : undefined;
  if (role === "tool")
    return previous === "assistant" || previous === "tool"
      ? undefined
      : `a tool turn behind ${previous === "start" ? "nothing" : `a turn of ${previous}`}`;
  if (previous === "assistant") return "two assistant turns in a row";
  return previous === "user" || previous === "tool" ? undefined : "an assistant turn before the first user turn";
}
