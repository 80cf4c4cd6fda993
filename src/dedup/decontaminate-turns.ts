// A user's turn that is, as a whole, an evaluation item's prompt or question and nothing else. One or two words say nothing, unless one of
// the item's choices is in the row, too: a benchmark asks for "Fiat money" and has it continued.
import type { Message } from "../core/row.ts";
import { sequenceKey } from "./decontaminate-grams.ts";
import type { EvaluationIndex, EvaluationText } from "./decontaminate-index.ts";
import { holdsTellingChoice } from "./decontaminate-parts.ts";
import type { LoadedRow } from "./decontaminate-row.ts";

/** Least words of a benchmark's prompt that is known by being a whole user turn. */
const wholeWords = 3;
/** Least different content words of a question about a passage that is known without it. */
const passageContent = 4;

/** Finds the text that one user turn of a row is, or all of them together. */
export type TurnFinder = (row: LoadedRow, messages: readonly Message[]) => EvaluationText | undefined;

export function createTurnFinder({ texts, labels }: EvaluationIndex): TurnFinder {
  const wholeTexts = new Map<number, EvaluationText>();
  /** Prompts whose question has one or two words. */
  const shortlyAsked = new Map<number, EvaluationText[]>();
  /** mayBeWhole[hash of length, first and last word]: nearly all turns are turned away by it. */
  const mayBeWhole = new Uint8Array(1 << 16);
  for (const text of texts) {
    const { kind, word, parts, about, content } = text;
    if (parts && parts.starts[2] - parts.starts[1] < wholeWords) {
      const key = sequenceKey(parts.word, parts.starts[1], parts.starts[2]);
      const list = shortlyAsked.get(key);
      if (list) list.push(text);
      else shortlyAsked.set(key, [text]);
    }
    if (kind !== "prompt" && (kind !== "question" || (about && content < passageContent))) continue;
    const key = sequenceKey(word, 0, word.length);
    // Benchmarks come first: a held-out row that says the same is known in fewer rows.
    if (!wholeTexts.has(key)) wholeTexts.set(key, text);
    mayBeWhole[endsHash(word, 0, word.length)] = 1;
  }
  /** mayBeLabel[last bits of a word's hash]. */
  const mayBeLabel = new Uint8Array(1 << 10);
  for (const word of [...labels.before, ...labels.after]) mayBeLabel[word & 0x3ff] = 1;
  let joined = new Uint32Array(1024);

  /** The text that word[from, to) is, if any. */
  function textOf(word: Uint32Array, from: number, to: number): EvaluationText | undefined {
    if (from >= to || mayBeWhole[endsHash(word, from, to)] === 0) return undefined;
    const text = wholeTexts.get(sequenceKey(word, from, to));
    return text !== undefined && same(text, word, from) ? text : undefined;
  }

  /** What that text is of: a question of one or two words is of the item that has a choice in the row. */
  function known(text: EvaluationText, row: LoadedRow, messages: readonly Message[], users: number): EvaluationText | undefined {
    // A held-out "yes" or "go on" is no reason to drop every conversation with such a turn.
    if (text.heldOut) return users === 1 ? text : undefined;
    if (text.word.length >= wholeWords) return text;
    const asking = shortlyAsked.get(sequenceKey(text.word, 0, text.word.length));
    const prompt = asking?.find(({ parts }) => parts && holdsTellingChoice(parts, row, messages.length));
    return prompt && { ...text, kind: "question", item: prompt.item };
  }

  /** The same, without "Question:" before it and "Answer:" behind it. A held-out text is known as it is. */
  function labelledTextOf(word: Uint32Array, from: number, to: number): EvaluationText | undefined {
    if (from === to || (mayBeLabel[word[from] & 0x3ff] === 0 && mayBeLabel[word[to - 1] & 0x3ff] === 0)) return undefined;
    const first = labels.before.includes(word[from]) ? from + 1 : from;
    const end = labels.after.includes(word[to - 1]) ? to - 1 : to;
    if (end - first === to - from) return undefined;
    // "a" may be how an article of the question is written, too.
    const text = textOf(word, first, to) ?? textOf(word, first, end) ?? textOf(word, from, end);
    return text?.heldOut ? undefined : text;
  }

  return (row, messages) => {
    const { word, words, starts } = row;
    let users = 0;
    for (const { role } of messages) if (role === "user") users++;
    for (let i = 0; i < messages.length; i++) {
      if (messages[i].role !== "user") continue;
      const text = textOf(word, starts[i], starts[i + 1]) ?? labelledTextOf(word, starts[i], starts[i + 1]);
      const found = text && known(text, row, messages, users);
      if (found) return found;
    }
    if (users < 2) return undefined;
    if (joined.length < words) joined = new Uint32Array(words * 2);
    let length = 0;
    for (let i = 0; i < messages.length; i++) {
      if (messages[i].role === "user") for (let j = starts[i]; j < starts[i + 1]; j++) joined[length++] = word[j];
    }
    return length >= wholeWords ? textOf(joined, 0, length) : undefined;
  };
}

function endsHash(word: Uint32Array, from: number, to: number): number {
  return (Math.imul(word[from] + to - from, 0x9e3779b1) ^ word[to - 1]) >>> 16;
}

function same({ word }: EvaluationText, other: Uint32Array, from: number): boolean {
  for (let i = 0; i < word.length; i++) if (word[i] !== other[from + i]) return false;
  return true;
}
