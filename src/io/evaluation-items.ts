// Benchmark records of any layout to the texts that must not be trained on: a prompt and, where there is one, its answer.
// A record may hold several items (examples, questions, turns). Choices and a passage that is asked about belong to the prompt. What fits no
// benchmark is seen as a training row; where that does not fit either, every longer text is an item, so that nothing is left unprotected.
import { createConverter } from "./schemas/index.ts";
import { isObject as isFields, isRefused as isRejected, type Json as Fields } from "./schemas/conversation.ts";
import { instructionOf, responseOf } from "../core/row.ts";

export interface Item {
  readonly prompt: string;
  readonly answer: string;
}

const promptNames = [
  "question",
  "prompt",
  "query",
  "instruction",
  "input",
  "inputs",
  "problem",
  "text",
  "goal",
  "context",
  "ctx",
  "sentence",
  "test",
] as const;
const answerNames = [
  "answer",
  "answers",
  "canonical_solution",
  "best_answer",
  "response",
  "completion",
  "output",
  "target",
  "targets",
  "solution",
  "code",
  "reference",
  "gold_answer",
  "continuation",
] as const;
const nestedNames = ["examples", "questions", "data", "rows", "instances", "tests"] as const;
const deepest = 4;

const convert = createConverter({ format: "auto" });

/** The items of one record. */
export function evaluationItems(value: unknown): Item[] {
  return itemsOf(value, 0).filter(({ prompt, answer }) => prompt.trim() !== "" || answer.trim() !== "");
}

function itemsOf(value: unknown, depth: number): Item[] {
  if (typeof value === "string") return [{ prompt: value, answer: "" }];
  if (Array.isArray(value)) return conversation(value) ?? [];
  if (!isFields(value)) return [];
  const record = lowerCased(value);
  return (
    turns(record) ??
    requests(record) ??
    conversation(value) ??
    choice(record) ??
    plain(record) ??
    nested(record, depth) ??
    longTexts(record)
  );
}

function nested(record: Fields, depth: number): Item[] | undefined {
  if (depth >= deepest) return undefined;
  for (const name of nestedNames) {
    const list = record[name];
    if (Array.isArray(list) && list.some(isFields)) return list.flatMap((item: unknown) => itemsOf(item, depth + 1));
  }
  // A harness wraps the document: { doc: ... }.
  const inner = record["doc"] ?? record["row"];
  return isFields(inner) ? itemsOf(inner, depth + 1) : undefined;
}

/** MT-bench: turns of questions (strings); its reference answers: choices of turns. */
function turns(record: Fields): Item[] | undefined {
  const list = record["turns"] ?? firstChoice(record["choices"])?.["turns"];
  if (!isTexts(list) || list.length === 0) return undefined;
  const answers = record["turns"] !== undefined && isTexts(record["reference"]) ? record["reference"] : [];
  if (record["turns"] === undefined) return list.map((answer) => ({ prompt: "", answer }));
  return list.map((prompt, i) => ({ prompt, answer: answers[i] ?? "" }));
}

function firstChoice(choices: unknown): Fields | undefined {
  return Array.isArray(choices) && isFields(choices[0]) ? choices[0] : undefined;
}

/** A harness's requests: the document's own question rather than the few-shot context around it. */
function requests(record: Fields): Item[] | undefined {
  const { doc, request } = record;
  if (!isFields(doc) || !isFields(request)) return undefined;
  const items = itemsOf(doc, deepest);
  if (items.length > 0) return items;
  const { context, continuation } = request;
  return typeof context === "string" ? [{ prompt: context, answer: typeof continuation === "string" ? continuation : "" }] : undefined;
}

/** A question with choices (a list, choice0.., or A, B, C, D columns) and the number or letter of the right one. */
function choice(record: Fields): Item[] | undefined {
  const choices = choicesOf(record);
  if (choices === undefined) return undefined;
  const name = isHeaderless(record) ? "column_1" : promptNames.find((candidate) => typeof record[candidate] === "string");
  const right = rightChoice(record, choices);
  if (name !== undefined) {
    const prompt = [passageOf(record, name), record[name] as string, ...choices].filter((text) => text !== "").join("\n");
    return [{ prompt, answer: right ?? "" }];
  }
  // Winograd: the choices are contexts, and the continuation is shared.
  const { continuation } = record;
  if (typeof continuation !== "string") return undefined;
  return choices.map((prompt) => ({ prompt, answer: continuation }));
}

function choicesOf(record: Fields): readonly string[] | undefined {
  if (isHeaderless(record)) return ["column_2", "column_3", "column_4", "column_5"].map((name) => String(record[name]));
  for (const name of ["choices", "options", "context_options", "endings"]) {
    const list = record[name];
    if (isTexts(list) && list.length > 0) return list;
    // ARC: { text: [...], label: [...] }.
    if (isFields(list) && isTexts(list["text"])) return list["text"];
  }
  for (const names of [
    ["choice0", "choice1", "choice2", "choice3"],
    ["choice1", "choice2", "choice3", "choice4"],
    ["a", "b", "c", "d"],
    ["sol1", "sol2"],
    ["option1", "option2"],
  ]) {
    const found = names.map((name) => record[name]).filter((value) => typeof value === "string");
    if (found.length >= 2) return found;
  }
  return undefined;
}

/** MMLU's own CSV files have no header: question, four choices, letter. */
function isHeaderless(record: Fields): boolean {
  return typeof record["column_1"] === "string" && typeof record["column_6"] === "string" && /^[A-D]$/.test(record["column_6"].trim());
}

function rightChoice(record: Fields, choices: readonly string[]): string | undefined {
  const { choices: listed } = record;
  for (const name of ["answer", "gold", "label", "answerkey", "answer_index", "target", "column_6"]) {
    const value = record[name];
    if (typeof value === "string" && isFields(listed) && isTexts(listed["label"]) && listed["label"].includes(value)) {
      return choices[listed["label"].indexOf(value)];
    }
    if (typeof value === "number" && choices[value] !== undefined) return choices[value];
    if (typeof value !== "string") continue;
    const letter = /^[A-Ha-h]$/.test(value.trim()) ? value.trim().toLowerCase().charCodeAt(0) - 97 : -1;
    const number = /^\d$/.test(value.trim()) ? Number(value) : letter;
    if (number >= 0 && choices[number] !== undefined) return choices[number];
    if (choices.includes(value)) return value;
  }
  return undefined;
}

/** A prompt and an answer under any of their names; a prompt alone, too. */
function plain(record: Fields): Item[] | undefined {
  const prompt = promptNames.find((name) => typeof record[name] === "string" && record[name] !== "");
  if (prompt === undefined) return undefined;
  const input =
    prompt === "instruction" && typeof record["input"] === "string" && record["input"].trim() !== "" ? `\n\n${record["input"]}` : "";
  const answer = answerNames
    .map((name) => ((name as string) === prompt ? undefined : record[name]))
    .find((value) => value !== undefined && value !== null);
  const passage = passageOf(record, prompt);
  return [{ prompt: `${passage}${passage === "" ? "" : "\n"}${record[prompt] as string}${input}`, answer: answerText(answer) }];
}

/** The passage that a question is about. */
function passageOf(record: Fields, prompt: string): string {
  const { context } = record;
  return prompt !== "context" && typeof context === "string" ? context : "";
}

/** Texts of at least this many characters say something by themselves. */
const leastCharacters = 40;

function longTexts(record: Fields): Item[] {
  const texts = Object.values(record).filter((text) => typeof text === "string" && text.length >= leastCharacters);
  return texts.map((text) => ({ prompt: text as string, answer: "" }));
}

function answerText(answer: unknown): string {
  if (typeof answer === "string") return answer;
  if (typeof answer === "number" || typeof answer === "boolean") return String(answer);
  if (isTexts(answer)) return answer[0] ?? "";
  // SQuAD: { text: [...], answer_start: [...] }.
  return isFields(answer) && isTexts(answer["text"]) ? (answer["text"][0] ?? "") : "";
}

/** Lists of turns, as training rows have them. */
function conversation(value: unknown): Item[] | undefined {
  const converted = convert(value);
  if (isRejected(converted) || converted.schema === "text" || converted.schema === "prompt-completion" || converted.schema === "alpaca")
    return undefined;
  return [{ prompt: instructionOf(converted.messages), answer: responseOf(converted.messages) }];
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function lowerCased(record: Fields): Fields {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name.trim().toLowerCase().replaceAll(" ", "_"), value]));
}
