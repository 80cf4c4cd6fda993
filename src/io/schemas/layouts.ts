// The layouts of records that are recognised, in the order they are tried. A layout says yes by its keys alone and then converts; what it did not
// use of a record becomes meta. A new layout is an object here.
import { refuse, isObject, type Json, kindOf, type Refused, toMessage } from "./conversation.ts";
import type { Message } from "../../core/row.ts";
import { isTranscript, splitTranscript } from "./transcript.ts";
import { bestReplies } from "./message-tree.ts";

export interface Layout {
  /** Told to the user: "recognised as ...". */
  readonly name: string;
  /** By keys and kinds of values, cheap: called for every record. */
  fits(record: Json): boolean;
  convert(record: Json): Converted | Refused;
}

/** Messages to be checked, and the record's keys they came from. */
export interface Converted {
  readonly messages: readonly (Message | Refused)[];
  readonly used: readonly string[];
  /** What belongs to meta instead of a used key: its other parts. */
  readonly more?: Json;
}

const listKeys = [
  "messages",
  "conversations",
  "conversation",
  "dialog",
  "dialogue",
  "chat",
  "turns",
  "prompt",
  "completion",
  "chosen",
] as const;
const systemKeys = ["system", "system_prompt", "system_message"] as const;
const roleKeys = ["role", "from", "speaker", "author"] as const;
const contentKeys = ["content", "value", "text", "message"] as const;

/**
 * Lists of messages: role and content, from and value, and their mixtures. An assistant's message with `weight: 0` (OpenAI, Mistral) or
 * `train: false` (axolotl) carries no loss.
 */
const messageLists: Layout = {
  name: "messages",
  fits(record) {
    for (const key in record) if (key !== "completion" && isListKey(key) && isMessageList(record[key])) return true;
    return false;
  },
  convert(record) {
    const key = listKeys.find((name) => isMessageList(record[name]))!;
    const messages = [...systemOf(record), ...listMessages(record[key] as readonly unknown[], key)];
    const used = [key, ...systemKeys.filter((name) => typeof record[name] === "string")];
    // TRL's conversational prompt-completion.
    if (key === "prompt") {
      for (const answer of ["completion", "chosen", "response"]) {
        if (isMessageList(record[answer]))
          return { messages: [...messages, ...listMessages(record[answer], answer)], used: [...used, answer] };
        if (typeof record[answer] === "string")
          return { messages: [...messages, { role: "assistant", content: record[answer] }], used: [...used, answer] };
      }
    }
    return { messages, used };
  },
};

const listKeySet: ReadonlySet<string> = new Set(listKeys);

/** Records have fewer keys than there are names of lists: fits goes over theirs. */
function isListKey(key: string): boolean {
  return listKeySet.has(key);
}

function isMessageList(value: unknown): value is readonly unknown[] {
  if (!Array.isArray(value)) return false;
  const first = value[0] as unknown;
  return isObject(first) && roleKeys.some((key) => key in first) && (contentKeys.some((key) => key in first) || "tool_calls" in first);
}

function listMessages(list: readonly unknown[], key: string): (Message | Refused)[] {
  return list.map((item, i) => {
    const at = `${key}[${i}]`;
    if (!isObject(item)) return refuse("wrong_type", `${at} is ${kindOf(item)}, not an object`);
    const role = roleKeys.find((name) => item[name] !== undefined);
    const content = contentKeys.find((name) => item[name] !== undefined && item[name] !== null);
    const message = toMessage(role && item[role], content && item[content], at, item.tool_calls ?? item.function_call);
    const isUntrained = (item.weight === 0 || item.train === false) && "role" in message && message.role === "assistant";
    return isUntrained ? { ...message, train: false } : message;
  });
}

/** A name that can only mean a conversation, with something else in it: tried last, and never a row. */
const noMessages: Layout = {
  name: "messages",
  fits: (record) => "messages" in record || "conversations" in record,
  convert(record) {
    const key = "messages" in record ? "messages" : "conversations";
    const value = record[key];
    if (!Array.isArray(value)) return refuse("wrong_type", `${key} is ${kindOf(value)}, not a list of messages`);
    return { messages: listMessages(value, key), used: [key] };
  },
};

/** A conversation one level down, as agents' logs have it: { state: { history: [...] }, task: ... }. */
const nestedKeys = ["messages", "conversations", "history"] as const;
const nestedMessages: Layout = {
  name: "nested messages",
  fits: (record) => nestedIn(record) !== undefined,
  convert(record) {
    const { outer, inner } = nestedIn(record)!;
    const { [inner]: list, ...others } = record[outer] as Json;
    return { messages: listMessages(list as readonly unknown[], `${outer}.${inner}`), used: [outer], more: { [outer]: others } };
  },
};

function nestedIn(record: Json): { readonly outer: string; readonly inner: string } | undefined {
  for (const outer in record) {
    const value = record[outer];
    if (!isObject(value)) continue;
    const inner = nestedKeys.find((key) => isMessageList(value[key]));
    if (inner !== undefined) return { outer, inner };
  }
  return undefined;
}

function systemOf(record: Json): Message[] {
  const key = systemKeys.find((name) => typeof record[name] === "string");
  return key === undefined ? [] : [{ role: "system", content: record[key] as string }];
}

/** A name for from/value, so that the user sees what was recognised. */
const shareGpt: Layout = {
  name: "sharegpt",
  fits(record) {
    for (const key in record) if (isListKey(key) && isMessageList(record[key]) && "from" in (record[key][0] as Json)) return true;
    return false;
  },
  convert: messageLists.convert,
};

/** OpenAssistant's message trees: the reply of best rank is followed. */
const messageTree: Layout = {
  name: "message tree",
  fits: ({ prompt }) => isObject(prompt) && Array.isArray(prompt.replies) && typeof prompt.text === "string",
  convert: ({ prompt }) => ({
    messages: bestReplies(prompt as Json).map(({ role, text }, i) => toMessage(role, text, `turn ${i + 1}`)),
    used: ["prompt"],
  }),
};

/** DialogStudio's logs of utterance and response. */
const dialogLog: Layout = {
  name: "dialog log",
  fits: ({ log }) => Array.isArray(log) && isObject(log[0]) && "user utterance" in log[0] && "system response" in log[0],
  convert: ({ log }) => ({
    messages: (log as readonly unknown[]).flatMap((turn, i) => {
      if (!isObject(turn)) return [refuse("wrong_type", `log[${i}] is ${kindOf(turn)}, not an object`)];
      const both = [toMessage("user", turn["user utterance"], `log[${i}]`), toMessage("assistant", turn["system response"], `log[${i}]`)];
      // A side that says nothing is how these logs write a dialog that the other side opens or closes.
      return both.filter((message) => !("content" in message) || message.content !== "");
    }),
    used: ["log"],
  }),
};

/** "\n\nHuman: ... \n\nAssistant: ..." in one text, as in hh-rlhf. */
const transcriptKeys = ["chosen", "text", "transcript", "conversation", "dialogue", "prompt"] as const;
const transcript: Layout = {
  name: "transcript",
  fits: (record) => transcriptKeys.some((key) => isTranscript(record[key])),
  convert(record) {
    const key = transcriptKeys.find((name) => isTranscript(record[name]))!;
    const answer = key === "prompt" ? ["response", "completion", "chosen"].find((name) => typeof record[name] === "string") : undefined;
    const text = (record[key] as string) + (answer === undefined ? "" : (record[answer] as string));
    return { messages: splitTranscript(text), used: answer === undefined ? [key] : [key, answer] };
  },
};

/** instruction + instances[]: one row, of the first instance; the others stay in meta. */
const nestedInstances: Layout = {
  name: "nested instances",
  fits: ({ instruction, instances }) => typeof instruction === "string" && Array.isArray(instances) && isObject(instances[0]),
  convert: ({ instruction, instances }) => {
    const { input, output } = (instances as readonly Json[])[0];
    return { messages: pairMessages([instruction, input], output, "instances[0].output"), used: ["instruction"] };
  },
};

/**
 * Super-NaturalInstructions: a definition shared by all instances, an input, a list of right outputs: the first is taken. A record with an
 * instruction of its own is none.
 */
const taskInstance: Layout = {
  name: "task instance",
  fits: (record) =>
    typeof record.input === "string" && Array.isArray(record.output) && typeof record.output[0] === "string" && !("instruction" in record),
  convert: ({ Definition, definition, input, output }) => ({
    messages: pairMessages([Definition ?? definition, input], (output as readonly unknown[])[0], "output[0]"),
    used: ["Definition", "definition", "input", "output"],
  }),
};

/** instruction, input or context, output: Alpaca and Dolly. */
const outputKeys = ["output", "response", "answer", "completion", "target"] as const;
const alpaca: Layout = {
  name: "alpaca",
  fits: (record) => "instruction" in record && outputKeys.some((key) => key in record),
  convert(record) {
    const output = outputKeys.find((key) => key in record)!;
    return {
      messages: [...systemOf(record), ...historyOf(record), ...pairMessages([record.instruction, record.input], record[output], output)],
      used: ["instruction", "input", output, "history", ...systemKeys],
    };
  },
};

const dolly: Layout = {
  name: "dolly",
  fits: (record) => "instruction" in record && "context" in record && "response" in record && !("input" in record),
  convert: ({ instruction, context, response }) => ({
    messages: pairMessages([instruction, context], response, "response"),
    used: ["instruction", "context", "response"],
  }),
};

/** Earlier exchanges: [[question, answer], ...]. */
function historyOf({ history }: Json): (Message | Refused)[] {
  if (!Array.isArray(history)) return [];
  return history.flatMap((pair, i) =>
    Array.isArray(pair) && pair.length === 2
      ? [toMessage("user", pair[0], `history[${i}]`), toMessage("assistant", pair[1], `history[${i}]`)]
      : [refuse("wrong_type", `history[${i}] is not a pair of texts`)],
  );
}

const questionKeys = ["prompt", "question", "query", "instruction", "Instruction", "user", "human", "problem", "input", "task"] as const;
const answerKeys = [
  "completion",
  "response",
  "answer",
  "output",
  "chosen",
  "assistant",
  "gpt",
  "solution",
  "target",
  "canonical_solution",
  "model_answer",
  "reference",
] as const;
const promptCompletion: Layout = {
  name: "prompt-completion",
  fits: (record) => namesOf(record) !== undefined,
  convert(record) {
    const { question, answer } = namesOf(record)!;
    return {
      messages: [...systemOf(record), ...pairMessages([record[question]], record[answer], answer)],
      used: [question, answer, ...systemKeys],
    };
  },
};

/** The names of a record's question and answer: texts where there are any, else what stands in their place. */
function namesOf(record: Json): { readonly question: string; readonly answer: string } | undefined {
  const question = questionKeys.find((key) => isText(record[key])) ?? questionKeys.find((key) => key in record);
  const answer = answerKeys.find((key) => isText(record[key])) ?? answerKeys.find((key) => key in record);
  if (question !== undefined && answer !== undefined) return { question, answer };
  for (const [ask, say] of rarePairs) if (isText(record[ask]) && isText(record[say])) return { question: ask, answer: say };
  return undefined;
}

/** Names that mean a question and an answer only together. */
const rarePairs = [
  ["text", "code"],
  ["context", "continuation"],
  ["inputs", "targets"],
  ["question", "best_answer"],
] as const;

/** Raw text, all of which is learned. */
const textKeys = ["text", "content", "full_text"] as const;
const plainText: Layout = {
  name: "text",
  fits: (record) => textKeys.some((key) => typeof record[key] === "string"),
  convert(record) {
    const key = textKeys.find((name) => typeof record[name] === "string")!;
    return { messages: [{ role: "assistant", content: record[key] as string }], used: [key] };
  },
};

function isText(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** Parts of a question joined by a blank line, and its answer. */
export function pairMessages(question: readonly unknown[], answer: unknown, at: string): (Message | Refused)[] {
  const parts = question.filter((part) => part !== undefined && part !== null && part !== "");
  const wrong = parts.find((part) => !isText(part));
  if (wrong !== undefined) return [refuse("wrong_type", `the question holds ${kindOf(wrong)}, not a text`)];
  if (parts.length === 0 && (question[0] === undefined || question[0] === null)) {
    return [refuse("wrong_type", `the question is ${kindOf(question[0])}, not a text`)];
  }
  const text = unwrapAlpaca(String(parts[0] ?? "")) ?? parts.map(String).join("\n\n");
  return [toMessage("user", text, "the question"), toMessage("assistant", answer, at)];
}

/**
 * The instruction and input of a question that is wrapped in Alpaca's own template: the wrapping is the chat template's business, and the same
 * words before every question would make all of them look alike. Undefined where a text is not wrapped.
 */
function unwrapAlpaca(text: string): string | undefined {
  if (!text.startsWith("Below is an instruction")) return undefined;
  const start = text.indexOf("### Instruction:\n");
  const end = text.lastIndexOf("### Response:");
  if (start < 0 || end < start || text.slice(end + "### Response:".length).trim() !== "") return undefined;
  const [instruction, ...input] = text.slice(start + "### Instruction:\n".length, end).split("### Input:\n");
  return [instruction.trim(), input.join("### Input:\n").trim()].filter((part) => part !== "").join("\n\n");
}

export const layouts: readonly Layout[] = [
  shareGpt,
  messageLists,
  messageTree,
  dialogLog,
  transcript,
  nestedInstances,
  taskInstance,
  dolly,
  alpaca,
  promptCompletion,
  nestedMessages,
  noMessages,
  plainText,
];

/** What the recipe's `format` may force. */
export const forced: Readonly<Record<string, readonly Layout[]>> = {
  messages: [messageLists, nestedMessages, noMessages],
  sharegpt: [shareGpt, messageLists, noMessages],
  alpaca: [nestedInstances, taskInstance, dolly, alpaca],
  "prompt-completion": [promptCompletion, transcript],
  text: [plainText],
};
