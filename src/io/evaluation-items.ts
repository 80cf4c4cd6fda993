// What a benchmark's record asks and what is right: the texts that must not reach training. One record may hold several items.
// By the names that benchmarks use; where none fits, every longer text of the record is an item, so that nothing is left unprotected.
import { type Json, isObject } from "./schemas/conversation.ts";
import { createConverter } from "./schemas/index.ts";

export interface EvaluationText {
  readonly prompt: string;
  /** Empty where the benchmark has no fixed answer. */
  readonly answer: string;
}

const promptKeys = [
  "question",
  "Question",
  "query",
  "problem",
  "prompt",
  "Instruction",
  "instruction",
  "input",
  "ctx",
  "context",
  "goal",
  "sentence",
] as const;
const answerKeys = [
  "canonical_solution",
  "answer",
  "Best Answer",
  "response",
  "completion",
  "output",
  "target",
  "solution",
  "code",
  "continuation",
] as const;
const choiceKeys = ["choices", "options", "endings", "context_options"] as const;
/** A text that is an item by itself, where no prompt is named. */
const wholeKeys = ["text", "test", "content"] as const;

const convert = createConverter({ format: "auto" });

export function evaluationItems(value: unknown): EvaluationText[] {
  if (!isObject(value)) return typeof value === "string" && value.trim() !== "" ? [{ prompt: value, answer: "" }] : [];
  // lm-evaluation-harness wraps the benchmark's record.
  if (isObject(value.doc)) return evaluationItems(value.doc);
  const inner = listOf(value.examples) ?? listOf(value.instances) ?? listOf(value.questions);
  if (inner && typeof value.question !== "string") return inner.flatMap((item) => evaluationItems(withShared(value, item)));
  const turns = textsOf(value.turns);
  if (turns.length > 0) return turns.map((prompt) => ({ prompt, answer: "" }));
  const prompt = firstText(value, promptKeys);
  if (prompt !== undefined) return [{ prompt: joined([shared(value), prompt, ...choiceTexts(value)]), answer: answerOf(value) }];
  const whole = firstText(value, wholeKeys);
  if (whole !== undefined) return [{ prompt: whole, answer: firstText(value, ["code"]) ?? "" }];
  const row = convert(value);
  if ("messages" in row) {
    const said = (role: string): string => joined(row.messages.filter((message) => message.role === role).map(({ content }) => content));
    return [{ prompt: said("user"), answer: said("assistant") }];
  }
  const choices = choiceTexts(value);
  if (choices.length > 0) return [{ prompt: joined(choices), answer: answerOf(value) }];
  return longTexts(value).map((text) => ({ prompt: text, answer: "" }));
}

/** A passage beside the question: asked about, so protected with it. */
function shared(value: Json): string {
  return promptKeys.some((key) => key !== "context" && typeof value[key] === "string") && typeof value.context === "string"
    ? value.context
    : "";
}

function withShared(outer: Json, item: unknown): unknown {
  return isObject(item) && typeof outer.context === "string" && item.context === undefined ? { ...item, context: outer.context } : item;
}

function answerOf(value: Json): string {
  const answer = firstText(value, answerKeys);
  if (answer !== undefined) return answer;
  const choices = choiceKeys.map((key) => textsOf(value[key])).find((texts) => texts.length > 0) ?? [];
  const number = [value.answer, value.gold, value.label].find((key) => typeof key === "number");
  return typeof number === "number" ? (choices[number] ?? "") : "";
}

function choiceTexts(value: Json): string[] {
  return choiceKeys.flatMap((key) => textsOf(value[key]));
}

function firstText(value: Json, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = value[key];
    if (typeof text === "string" && text.trim() !== "") return text;
  }
  return undefined;
}

function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) && value.length > 0 && isObject(value[0]) ? value : undefined;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string" && item.trim() !== "") : [];
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}

/** Texts of at least this many characters say something by themselves. */
const leastCharacters = 40;

function longTexts(value: Json): string[] {
  return Object.values(value).filter((text): text is string => typeof text === "string" && text.length >= leastCharacters);
}
