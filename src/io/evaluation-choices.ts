// The choices of benchmark records, which of them is right, and a prompt's parts: passage, question, choices.
import { isObject as isFields, type Json as Fields } from "./schemas/conversation.ts";

export interface ItemParts {
  /** What the question is about; "" where it stands for itself. */
  readonly passage: string;
  /** The question alone, without "Question:" before it. */
  readonly question: string;
  /** None where it has none. */
  readonly choices: readonly string[];
}

const before = /^\s*(?:question|problem|q)\s*\d*\s*[:.)]\s*/i;
const after = /^[ \t]*(?:the )?(?:correct )?(?:answer|a)(?: is)?[ \t]*:?$/i;
/** Where choices begin in the text of a question: "Options:", "Choose the best continuation:", or the first of two "A. ..." lines. */
const listHead = /\n[ \t]*(?:(?:answer )?(?:options|choices)|(?:choose|select|pick)\b[^\n]*):[ \t]*(?=\n)/i;
const listed = /\n[ \t]*(?:\(?([A-J]|\d\d?)[.):]|[-*])[ \t]+([^\n]+)/g;

/** A question's own text, taken out of what stands around it; choices that stand in it take the place of the others. */
export function partsOf(passage: string, asked: string, choices: readonly string[]): ItemParts {
  const bare = withoutAnswerLine(asked.replace(before, "").trim());
  // Letters alone are labels of what stands elsewhere.
  const others = choices.every((choice) => /^\W*[A-Ja-j]\W*$/.test(choice)) ? [] : choices;
  const found = [...bare.matchAll(listed)];
  const head = listHead.exec(bare)?.index;
  // A list of numbers, or without labels, is one of choices only where it says so.
  if (found.length < 2 || (head === undefined && found[0][1] !== "A")) return { passage, question: bare, choices: others };
  const question = bare.slice(0, Math.min(head ?? Infinity, found[0].index)).trim();
  return question === "" ? { passage, question: bare, choices: others } : { passage, question, choices: found.map((one) => one[2].trim()) };
}

/** "Answer:" in a line of its own at the end of a prompt is for the model. */
function withoutAnswerLine(text: string): string {
  const line = text.lastIndexOf("\n");
  return line > 0 && after.test(text.slice(line + 1)) ? text.slice(0, line).trimEnd() : text;
}

interface Labelled {
  readonly text: string;
  readonly label?: unknown;
}

function isLabelled(value: unknown): value is Labelled {
  return isFields(value) && typeof value["text"] === "string";
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** The choices: a list, choice0.., or A, B, C, D columns. */
export function choicesOf(record: Fields): readonly string[] | undefined {
  if (isHeaderless(record)) return ["column_2", "column_3", "column_4", "column_5"].map((name) => String(record[name]));
  for (const name of ["choices", "options", "context_options", "endings"]) {
    const list = record[name];
    if (isTexts(list) && list.length > 0) return list;
    // ARC: { text: [...], label: [...] }, once [{ text, label }, ...].
    if (isFields(list) && isTexts(list["text"])) return list["text"];
    if (Array.isArray(list) && list.length > 0 && list.every(isLabelled)) return list.map(({ text }) => text);
  }
  for (const names of [
    ["choice0", "choice1", "choice2", "choice3"],
    ["choice1", "choice2", "choice3", "choice4"],
    ["ending0", "ending1", "ending2", "ending3"],
    ["mc_answer1", "mc_answer2", "mc_answer3", "mc_answer4"],
    ["answera", "answerb", "answerc"],
    ["opa", "opb", "opc", "opd"],
    ["a", "b", "c", "d", "e"],
    ["sol1", "sol2"],
    ["option1", "option2"],
  ]) {
    const found = names.map((name) => record[name]).filter((value) => typeof value === "string");
    if (found.length >= 2) return found;
  }
  return undefined;
}

/** MMLU's own CSV files have no header: question, four choices, letter. */
export function isHeaderless(record: Fields): boolean {
  return typeof record["column_1"] === "string" && typeof record["column_6"] === "string" && /^[A-D]$/.test(record["column_6"].trim());
}

/** The right choice, told by its number, its letter or itself. */
export function rightChoice(record: Fields, choices: readonly string[]): string | undefined {
  const { choices: listed } = record;
  for (const name of ["answer", "gold", "label", "answerkey", "answer_index", "target", "column_6"]) {
    const value = record[name];
    if (typeof value === "string" && isFields(listed) && isTexts(listed["label"]) && listed["label"].includes(value)) {
      return choices[listed["label"].indexOf(value)];
    }
    if (typeof value === "string" && Array.isArray(listed)) {
      const labelled = listed.find((one: unknown) => isLabelled(one) && one.label === value) as Labelled | undefined;
      if (labelled) return labelled.text;
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
