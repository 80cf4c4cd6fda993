// Benchmark records of any layout to the texts that must not be trained on: a prompt and, where there is one, its answer.
// A record may hold several items (examples, questions, turns). Choices and a passage that is asked about belong to the prompt, and are told
// apart from the question in it: who trains on the question alone knows the item. What fits no benchmark is seen as a training row; where that does not fit either, every longer text is an item, so that nothing is left unprotected.
import { createConverter } from "./schemas/index.ts";
import { isObject as isFields, isRefused as isRejected, type Json as Fields } from "./schemas/conversation.ts";
import { choicesOf, isHeaderless, type ItemParts, isTexts, partsOf, rightChoice } from "./evaluation-choices.ts";
import { instructionOf, responseOf } from "../core/row.ts";

export interface Item {
  readonly prompt: string;
  readonly answer: string;
  /** What the prompt is made of, where that is more than its question. */
  readonly parts?: ItemParts;
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
  "question_stem",
  "stem",
  "hypothesis",
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
/** Passages that questions are asked about; of several questions, often. */
const passageNames = ["context", "passage", "article", "story", "paragraph", "flores_passage", "premise"] as const;
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

/** A question with choices, and which of them is right. */
function choice(record: Fields): Item[] | undefined {
  const choices = choicesOf(record);
  if (choices === undefined) return undefined;
  const name = isHeaderless(record) ? "column_1" : promptName(record);
  if (name !== undefined) return [item(passageOf(record, name), record[name] as string, choices, rightChoice(record, choices) ?? "")];
  // Winograd: the choices are contexts, and the continuation is shared.
  const { continuation } = record;
  if (typeof continuation !== "string") return undefined;
  return choices.map((prompt) => ({ prompt, answer: continuation }));
}

/** COPA asks for a premise's "cause" or "effect". */
function promptName(record: Fields): string | undefined {
  const names = typeof record["premise"] === "string" && record["hypothesis"] === undefined ? ["premise", ...promptNames] : promptNames;
  return names.find((name) => typeof record[name] === "string" && record[name] !== "");
}

function item(passage: string, asked: string, choices: readonly string[], answer: string): Item {
  const prompt = [passage, asked, ...choices].filter((text) => text !== "").join("\n");
  const parts = partsOf(passage, asked, choices);
  return parts.question === prompt.trim() ? { prompt, answer } : { prompt, answer, parts };
}

/** A prompt and an answer under any of their names; a prompt alone, too. */
function plain(record: Fields): Item[] | undefined {
  const prompt = promptName(record);
  if (prompt === undefined) return undefined;
  const input =
    prompt === "instruction" && typeof record["input"] === "string" && record["input"].trim() !== "" ? `\n\n${record["input"]}` : "";
  const answer = answerNames
    .map((name) => ((name as string) === prompt ? undefined : record[name]))
    .find((value) => value !== undefined && value !== null);
  return [item(passageOf(record, prompt), `${record[prompt] as string}${input}`, [], answerText(answer))];
}

/** The passage that a question is about. */
function passageOf(record: Fields, prompt: string): string {
  const name = passageNames.find((candidate) => typeof record[candidate] === "string" && record[candidate] !== "");
  return name === undefined || name === prompt || prompt === "context" ? "" : (record[name] as string);
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

/** Names in lower case; the fields of a question that is a record itself, { stem, choices }, among the others. */
function lowerCased(record: Fields): Fields {
  const { question, ...rest } = record;
  if (isFields(question) && typeof question["stem"] === "string") return lowerCased({ ...question, ...rest });
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name.trim().toLowerCase().replaceAll(" ", "_"), value]));
}
