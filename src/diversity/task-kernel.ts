// Judges instructions in WebAssembly (assembly/), where this machine's has SIMD. What is read, task-scan.ts says, and what speaks for which
// task, task-scores.ts: they are the twins in TypeScript.
import { createUnitKernel, longestUnits, putClasses, putWord, UnitClass } from "../core/unit-kernel.ts";
import { wasm } from "./kernel.wasm.ts";
import { Role, type TaskLexicon, type Votes } from "./task-lexicon.ts";
import { taskCount, type TaskType } from "./task-names.ts";
import { Class, createScan, instructionStart, type Scan, unitClasses } from "./task-scan.ts";

interface Exports {
  classifyInstruction(length: number, from: number): TaskType;
  readInstruction(length: number, from: number): void;
}

export interface TaskKernel {
  /** As judgeTask of task-scores.ts; undefined for a long text. */
  classify(text: string): TaskType | undefined;
  /** By task: what spoke for it in the last text classified. */
  readonly scores: Float64Array;
  /** As scanInstruction of task-scan.ts; undefined for a long text. */
  scan(text: string): Scan | undefined;
}

/** Places in memory, as in assembly/memory.ts, bytes. */
const place = {
  classes: 0x40000,
  lexicon: 0x51000,
  result: 0x63000,
  numbers: 0x63100,
  gaps: 0x64000,
  colons: 0x64800,
  sentences: 0x65000,
  words: 0x66000,
  pairs: 0x6a000,
  phrases: 0x6c000,
  votes: 0x7a000,
  stamps: 0x80000,
  watched: 0x81000,
  scores: 0x84000,
} as const;
const pages = 9;

const watch = 0x10000;
const watchedRoles =
  Role.joiner | Role.cue | Role.number | Role.amount | Role.quantity | Role.label | Role.questionField | Role.or | Role.language;

/** A phrase's record, in units of two bytes: as many words, then their number, its roles at 8 and places of its votes from 10 on. */
const phraseUnits = 16;
const phraseWords = 6;
const phraseVotes = ["lead", "maker", "object", "cue"] as const;

export function createTaskKernel(lexicon: TaskLexicon): TaskKernel | undefined {
  const kernel = createUnitKernel<Exports>(wasm, pages);
  if (kernel === undefined) return undefined;
  const { exports, memory } = kernel;
  putClasses(kernel, place.classes, taskClasses());
  for (const [word, number] of lexicon.words)
    putWord(kernel, place.lexicon, word, number | ((lexicon.roles[number] & watchedRoles) === 0 ? 0 : watch));
  putPhrases(memory, lexicon);
  const result = new Int32Array(memory, place.result, 16);
  const scan: Scan = {
    ...createScan(),
    numbers: new Uint16Array(memory, place.numbers, 1024),
    gaps: new Uint8Array(memory, place.gaps, 1024),
    colons: new Uint8Array(memory, place.colons, 1024),
    sentenceStarts: new Uint16Array(memory, place.sentences, 1024),
  };
  return {
    classify(text) {
      return text.length > longestUnits ? undefined : exports.classifyInstruction(kernel.load(text), instructionStart(text));
    },
    scores: new Float64Array(memory, place.scores, taskCount),
    scan(text) {
      if (text.length > longestUnits) return undefined;
      exports.readInstruction(kernel.load(text), instructionStart(text));
      scan.count = result[0];
      scan.sentences = result[1];
      scan.digits = result[2];
      scan.questions = result[3];
      scan.asking = result[4];
      scan.asksLast = result[5] !== 0;
      scan.codeMarks = result[6] / 2;
      scan.operations = result[7];
      scan.formulas = result[8];
      scan.choices = result[9];
      return scan;
    },
  };
}

/** The class of a unit above what it is to units.ts: part of a word, or a space. */
function taskClasses(): Uint8Array {
  const { letter, digit, foreign } = Class;
  const bits = (kind: number): number => (kind === letter || kind === digit || kind === foreign ? UnitClass.word : 0);
  return unitClasses.map((kind, unit) => (kind << 4) | (unit === 0x20 ? UnitClass.other : bits(kind)));
}

/** The lexicon's tables; the memory before the next table bounds each. */
function putPhrases(memory: ArrayBuffer, { starts, singles, pairs, list, phraseRoles }: TaskLexicon): void {
  if (starts.length * 4 > place.watched - place.stamps) throw new RangeError(`no room for ${starts.length} words in the kernel`);
  const words = new Uint32Array(memory, place.words, (place.pairs - place.words) / 4);
  singles.forEach((single, number) => {
    const [from, to] = [starts[number], starts[number + 1]];
    words.set([from | (single << 16), rolesOf(phraseRoles.subarray(single, to)), rolesOf(phraseRoles.subarray(from, single))], number * 4);
  });
  words.set([starts[singles.length]], singles.length * 4);
  new Uint8Array(memory, place.pairs, place.phrases - place.pairs).set(pairs);

  const votes: Vote[] = [];
  const phrases = new Uint16Array(memory, place.phrases, (place.votes - place.phrases) / 2);
  list.forEach(({ words: numbers, entry }, phrase) => {
    if (numbers.length > phraseWords)
      throw new RangeError(`a phrase has ${numbers.length} words, at most ${phraseWords} have room in the kernel`);
    const at = phrase * phraseUnits;
    phrases.set(numbers, at);
    phrases[at + 6] = numbers.length;
    phrases.set([phraseRoles[phrase] & 0xffff, phraseRoles[phrase] >>> 16], at + 8);
    phraseVotes.forEach((role, i) => {
      phrases[at + 10 + i] = votes.length;
      votes.push(...chained(entry[role]));
    });
  });
  const weights = new Float64Array(memory, place.votes, (place.stamps - place.votes) / 8);
  const tasks = new Int32Array(weights.buffer, place.votes, weights.length * 2);
  votes.forEach(({ task, weight, more }, i) => {
    weights.set([weight], i * 2);
    tasks.set([task, more ? 1 : 0], i * 4 + 2);
  });
}

/** The roles that any of the phrases has. */
function rolesOf(phraseRoles: Uint32Array): number {
  return phraseRoles.reduce((all, roles) => all | roles, 0);
}

interface Vote {
  readonly task: TaskType;
  readonly weight: number;
  /** The next is of the same phrase. */
  readonly more: boolean;
}

function chained(votes: Votes): Vote[] {
  return votes.map((vote, i) => ({ ...vote, more: i + 1 < votes.length }));
}
