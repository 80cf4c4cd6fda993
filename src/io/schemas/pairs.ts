// Layouts of one question and one answer: Alpaca, Dolly, nested instances, prompt-completion under its many names, preferences, transcripts.
// Instruction and input are joined as "instruction\n\ninput". A prompt that is wrapped in Alpaca's own template is unwrapped: the chat template
// is the recipe's business. Of preferences the chosen answer is the row's; the rejected one stays in meta.
import { parseTranscript } from "./transcripts.ts";
import { conversationOf, looksLikeTurn, type Turn, turnsOf } from "./turns.ts";
import { type Converted, type Fields, isFields, isRejected, kindOf, metaOf, type Rejected, reject, wellFormed } from "./types.ts";

const promptNames = ["prompt", "question", "query", "problem", "input", "inputs", "user", "human", "context", "text"] as const;
const completionNames = [
  "completion",
  "response",
  "chosen",
  "answer",
  "output",
  "solution",
  "target",
  "targets",
  "assistant",
  "reply",
  "continuation",
  "canonical_solution",
  "code",
] as const;
const instructionAnswers = ["output", "response", "completion", "answer", "chosen", "target"] as const;
const systemNames = ["system", "system_prompt", "system_message"] as const;

/** The names of a record that make a row, as far as they are there. */
interface Parts {
  readonly schema: string;
  readonly prompt: string;
  /** Joined to the prompt by a blank line where it is not empty. */
  readonly input?: string;
  readonly completion: string;
}

/** instruction, input, output (Alpaca), context and response (Dolly), or instances of input and output under one instruction. */
export function instructed(record: Fields): Converted | Rejected | undefined {
  if (Array.isArray(record["instances"]) && "instruction" in record) return firstInstance(record, record["instances"] as unknown[]);
  if ("definition" in record && "output" in record && "input" in record) return definedTask(record);
  const completion = "instruction" in record ? instructionAnswers.find((name) => name in record) : undefined;
  if (completion === undefined) return undefined;
  const dolly = !("input" in record) && "context" in record;
  const input = dolly ? "context" : "input";
  return fromParts(record, { schema: dolly && completion === "response" ? "dolly" : "alpaca", prompt: "instruction", input, completion });
}

/** One record is one row: the first instance. The others stay in meta. */
function firstInstance(record: Fields, instances: readonly unknown[]): Converted | Rejected {
  const [first, ...others] = instances;
  if (!isFields(first)) return reject("wrong_type", `instances holds ${kindOf(first)}, expected objects with input and output`);
  const flat = { ...record, input: first["input"], output: first["output"] };
  const converted = fromParts(flat, { schema: "instances", prompt: "instruction", input: "input", completion: "output" });
  if (isRejected(converted)) return converted;
  return { ...converted, meta: metaOf(converted.meta, ["instances"], others.length > 0 ? { instances: others } : undefined) };
}

/** Natural Instructions: the task's definition is given to each instance; of several right outputs the first is the row's. */
function definedTask(record: Fields): Converted | Rejected {
  const outputs = record["output"];
  const output = Array.isArray(outputs) ? (outputs[0] as unknown) : outputs;
  const converted = fromParts({ ...record, output }, { schema: "natural-instructions", prompt: "definition", input: "input", completion: "output" });
  if (isRejected(converted) || !Array.isArray(outputs) || outputs.length < 2) return converted;
  return { ...converted, meta: metaOf(converted.meta, [], { other_outputs: outputs.slice(1) }) };
}

/** A prompt and its completion, texts or lists of turns, or whole transcripts in one of them. */
export function paired(record: Fields): Converted | Rejected | undefined {
  const completion = completionNames.find((name) => name in record);
  if (completion === undefined) return undefined;
  const answer = record[completion];
  if (typeof answer === "string") {
    const whole = transcript(record, completion, answer);
    if (whole) return whole;
  }
  const prompt = promptNames.find((name) => name in record && name !== (completion as string));
  if (Array.isArray(answer) && looksLikeTurn(answer[0])) return pairOfLists(record, prompt, completion, answer as unknown[]);
  // Beside a text, only code is its answer (MBPP): other texts with such fields are texts.
  if (prompt === undefined || (prompt === "text" && completion !== "code")) return undefined;
  if (typeof record[prompt] === "string" && typeof answer === "string") {
    const joined = promptedTranscript(record, prompt, completion);
    if (joined) return joined;
  }
  return fromParts(record, { schema: "prompt-completion", prompt, completion });
}

/** TRL's conversational form: the completion (or chosen) is a list of turns, and the prompt may be another before it. */
function pairOfLists(record: Fields, prompt: string | undefined, completion: string, answer: readonly unknown[]): Converted | Rejected {
  const before = prompt === undefined ? undefined : record[prompt];
  const answerTurns = turnsOf(answer);
  if (isRejected(answerTurns)) return answerTurns;
  let turns: readonly Turn[] = answerTurns;
  if (answerTurns[0].role === "assistant" && Array.isArray(before)) {
    const promptTurns = turnsOf(before as unknown[]);
    if (isRejected(promptTurns)) return promptTurns;
    turns = [...promptTurns, ...answerTurns];
  } else if (answerTurns[0].role === "assistant" && typeof before === "string") {
    turns = [{ role: "user", content: wellFormed(before) }, ...answerTurns];
  }
  return finish(record, turns, [prompt, completion], "prompt-completion");
}

function finish(record: Fields, turns: readonly Turn[], used: readonly (string | undefined)[], schema: string): Converted | Rejected {
  const system = systemNames.find((name) => typeof record[name] === "string" && record[name] !== "");
  const conversation = conversationOf(turns, system === undefined || turns[0]?.role === "system" ? undefined : (record[system] as string));
  if (isRejected(conversation)) return conversation;
  return { messages: conversation.messages, meta: metaOf(record, [...used, system], conversation.more), schema };
}

/** A whole transcript in one field. */
export function transcript(record: Fields, name: string, text: string): Converted | Rejected | undefined {
  const conversation = parseTranscript(text);
  if (conversation === undefined || isRejected(conversation)) return conversation;
  return { messages: conversation.messages, meta: metaOf(record, [name], conversation.more), schema: "hh-rlhf" };
}

/** A transcript that the prompt begins and the completion ends. */
function promptedTranscript(record: Fields, prompt: string, completion: string): Converted | Rejected | undefined {
  const start = record[prompt] as string;
  if (!/(?:\n\n|### )Assistant:\s*$/.test(start.slice(-64))) return undefined;
  const conversation = parseTranscript(`${start} ${(record[completion] as string).trimStart()}`);
  if (conversation === undefined || isRejected(conversation)) return conversation;
  return { messages: conversation.messages, meta: metaOf(record, [prompt, completion], conversation.more), schema: "hh-rlhf" };
}

/** The row of a record whose parts are named. */
export function fromParts(record: Fields, { schema, prompt, input, completion }: Parts): Converted | Rejected {
  for (const name of [prompt, completion]) {
    if (typeof record[name] !== "string") return reject("wrong_type", `${name} is ${kindOf(record[name])}, expected text`);
  }
  const more = input === undefined ? undefined : record[input];
  if (more !== undefined && more !== null && typeof more !== "string") return reject("wrong_type", `${input} is ${kindOf(more)}, expected text`);
  const instruction = record[prompt] as string;
  const asked = unwrapAlpaca(instruction) ?? (more === undefined || more === null || more.trim() === "" ? instruction : `${instruction}\n\n${more}`);
  const turns: Turn[] = [
    ...earlierTurns(record["history"]),
    { role: "user", content: wellFormed(asked) },
    { role: "assistant", content: wellFormed(record[completion] as string) },
  ];
  const history = turns.length > 2 ? "history" : undefined;
  return finish(record, turns, [prompt, input, completion, history], schema);
}

/** Alpaca files of several rounds: history is a list of [question, answer]. */
function earlierTurns(history: unknown): Turn[] {
  if (!Array.isArray(history)) return [];
  const turns: Turn[] = [];
  for (const round of history as unknown[]) {
    if (!Array.isArray(round) || round.length !== 2 || typeof round[0] !== "string" || typeof round[1] !== "string") return [];
    turns.push({ role: "user", content: wellFormed(round[0]) }, { role: "assistant", content: wellFormed(round[1]) });
  }
  return turns;
}

/** The instruction and input inside Alpaca's template; undefined where a text is not wrapped in it. */
function unwrapAlpaca(text: string): string | undefined {
  if (!text.startsWith("Below is an instruction")) return undefined;
  const wrapped = /### Instruction:\s*\n([\s\S]*)\n### Response:\s*$/.exec(text)?.[1];
  if (wrapped === undefined) return undefined;
  const [instruction, ...inputs] = wrapped.split(/\n### Input:\s*\n/);
  return [instruction, inputs.join("\n### Input:\n")].map((part) => part.trim()).filter((part) => part !== "").join("\n\n");
}

/** Raw text to continue, without a question: one assistant turn. */
export function plainText(record: Fields): Converted | Rejected | undefined {
  if (!("text" in record)) return undefined;
  const { text } = record;
  if (typeof text !== "string") return reject("wrong_type", `text is ${kindOf(text)}, expected text`);
  const meta = metaOf(record, ["text"]);
  return { messages: [{ role: "assistant", content: wellFormed(text) }], meta, schema: "text" };
}
