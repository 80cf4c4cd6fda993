// Layouts that hold a list of turns: messages (ChatML), ShareGPT, dialogue logs, OASST trees, agents' histories.
import { conversationOf, looksLikeTurn, type Turn, turnsOf } from "./turns.ts";
import { type Converted, type Fields, isFields, isRejected, kindOf, metaOf, type Rejected, reject, wellFormed } from "./types.ts";

const listNames = ["messages", "conversations", "conversation", "dialogue", "dialog", "turns", "chat", "history"] as const;
const systemNames = ["system", "system_prompt", "system_message"] as const;

/** `messages` with role and content, `conversations` with from and value, under any of the usual names. */
export function listedTurns(record: Fields): Converted | Rejected | undefined {
  const name = listNames.find((candidate) => isTurnList(record[candidate]));
  if (name === undefined) return undefined;
  return fromList(record, name, listOf(record[name]));
}

/** A list under a name that can only mean turns, though it is not one. Never a row. */
export function misshapenTurns(record: Fields): Rejected | undefined {
  for (const name of ["messages", "conversations"] as const) {
    const value = record[name];
    if (value === undefined) continue;
    if (!Array.isArray(value)) return reject("wrong_type", `${name} is ${kindOf(value)}, expected a list of turns`);
    if (value.length === 0) return reject("empty_conversation", `${name} is an empty list`);
    const turns = turnsOf(value);
    return isRejected(turns) ? turns : undefined;
  }
  return undefined;
}

/** Whether a value is a list of turns: the first is one. Lists may be written as JSON text, as CSV files have them. */
function isTurnList(value: unknown): boolean {
  return Array.isArray(value) ? looksLikeTurn(value[0]) : typeof value === "string" && looksLikeTurn(listOf(value)[0]);
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  if (typeof value !== "string" || !/^\s*\[\s*\{/.test(value)) return [];
  try {
    const parsed = JSON.parse(value) as unknown;
    return Array.isArray(parsed) ? (parsed as unknown[]) : [];
  } catch {
    return [];
  }
}

/** A record's list of turns under a known name. */
export function fromList(record: Fields, name: string, list: readonly unknown[]): Converted | Rejected {
  const turns = turnsOf(list);
  if (isRejected(turns)) return turns;
  const systemName = turns[0]?.role === "system" ? undefined : systemNames.find((candidate) => typeof record[candidate] === "string");
  const conversation = conversationOf(turns, systemName === undefined ? undefined : (record[systemName] as string));
  if (isRejected(conversation)) return conversation;
  const schema = isFields(list[0]) && "from" in list[0] ? "sharegpt" : "messages";
  const tools = toolsOf(record["tools"]);
  return { messages: conversation.messages, meta: metaOf(record, [name, systemName], { ...conversation.more, ...tools }), schema };
}

/** Descriptions of tools may be JSON text: templates go through them as a list. */
function toolsOf(tools: unknown): Fields | undefined {
  if (typeof tools !== "string") return undefined;
  try {
    const parsed = JSON.parse(tools) as unknown;
    return Array.isArray(parsed) ? { tools: parsed } : undefined;
  } catch {
    return undefined;
  }
}

/** A record that is a list of turns itself. */
export function bareTurns(list: readonly unknown[]): Converted | Rejected | undefined {
  return looksLikeTurn(list[0]) ? fromList({}, "messages", list) : undefined;
}

/** Turns one level down, as agents' logs have them: state.history. */
export function nestedTurns(record: Fields): Converted | Rejected | undefined {
  for (const name in record) {
    const inner = record[name];
    if (!isFields(inner)) continue;
    const list = ["messages", "conversations", "history"].find((candidate) => isTurnList(inner[candidate]));
    if (list === undefined) continue;
    const converted = fromList(inner, list, listOf(inner[list]));
    if (isRejected(converted)) return converted;
    return { ...converted, meta: metaOf(record, [name], { [name]: converted.meta, ...partsForTemplates(converted.meta) }) };
  }
  return undefined;
}

function partsForTemplates(meta: Fields): Fields {
  const parts: Record<string, unknown> = {};
  for (const name of ["tools", "tool_calls", "message_fields"]) if (meta[name] !== undefined) parts[name] = meta[name];
  return parts;
}

/** DialogStudio: `log` of exchanges. An empty utterance is a turn nobody took. */
export function dialogueLog(record: Fields): Converted | Rejected | undefined {
  const { log } = record;
  if (!Array.isArray(log) || !isFields(log[0]) || !("user utterance" in log[0])) return undefined;
  const turns: Turn[] = [];
  for (const [i, exchange] of (log as unknown[]).entries()) {
    if (!isFields(exchange)) return reject("wrong_type", `exchange ${i + 1} of log is ${kindOf(exchange)}`);
    for (const [key, role] of [
      ["user utterance", "user"],
      ["system response", "assistant"],
    ] as const) {
      const content = exchange[key];
      if (typeof content !== "string") return reject("wrong_type", `${key} of exchange ${i + 1} is ${kindOf(content)}`);
      if (content.trim() !== "") turns.push({ role, content: wellFormed(content) });
    }
  }
  const conversation = conversationOf(turns);
  if (isRejected(conversation)) return conversation;
  return { messages: conversation.messages, meta: metaOf(record, ["log"], conversation.more), schema: "dialogstudio" };
}

const deepest = 1000;

/** OASST: a tree of messages; the row is the path of the best-ranked replies. The tree itself does not go to meta. */
export function messageTree(record: Fields): Converted | Rejected | undefined {
  const root = record["prompt"];
  if (!isFields(root) || !Array.isArray(root["replies"]) || !("role" in root)) return undefined;
  const path: Fields[] = [];
  for (let node: Fields | undefined = root; node !== undefined && path.length < deepest; node = bestReply(node)) path.push(node);
  const turns = turnsOf(path.map(({ role, text }) => ({ role, content: text })));
  if (isRejected(turns)) return turns;
  const conversation = conversationOf(turns);
  if (isRejected(conversation)) return conversation;
  const more = { ...conversation.more, message_ids: path.map(({ message_id }) => message_id ?? null) };
  return { messages: conversation.messages, meta: metaOf(record, ["prompt"], more), schema: "oasst-tree" };
}

/** The reply of the lowest rank that reviewers did not reject; the first one where there are no ranks. */
function bestReply({ replies }: Fields): Fields | undefined {
  if (!Array.isArray(replies)) return undefined;
  let best: Fields | undefined;
  let bestRank = Infinity;
  for (const reply of replies as unknown[]) {
    if (!isFields(reply) || reply["deleted"] === true || reply["review_result"] === false) continue;
    const rank = typeof reply["rank"] === "number" ? reply["rank"] : Number.MAX_VALUE;
    if (rank < bestRank) [best, bestRank] = [reply, rank];
  }
  return best;
}
