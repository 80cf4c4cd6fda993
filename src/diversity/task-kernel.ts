// Judges instructions in WebAssembly (assembly/), where this machine's has SIMD. What is read, task-scan.ts says, and what speaks for which
// task, task-scores.ts: they are the twins in TypeScript.
import { createUnitKernel, longestUnits, putClasses, putWord, UnitClass } from "../core/unit-kernel.ts";
import { wasm } from "./kernel.wasm.ts";
import { Role, type TaskLexicon } from "./task-lexicon.ts";
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
  votes: 0x7c000,
  stamps: 0x86000,
  scores: 0x8a000,
} as const;
const pages = 9;

/** Beside the number of a word that a phrase with one of these roles may begin with, as in assembly/memory.ts. */
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

/** The lexicon's tables. What has no room is left out and refused at the end. */
function putPhrases(memory: ArrayBuffer, { starts, singles, pairs, list, phraseRoles }: TaskLexicon): void {
  const words = new Uint32Array(memory, place.words, (place.pairs - place.words) / 4);
  for (let number = 0; number < singles.length; number++) {
    words[number * 4] = starts[number] | (singles[number] << 16);
    for (let phrase = starts[number]; phrase < starts[number + 1]; phrase++)
      words[number * 4 + (phrase < singles[number] ? 2 : 1)] |= phraseRoles[phrase];
  }
  words[singles.length * 4] = starts[singles.length];
  new Uint8Array(memory, place.pairs, place.phrases - place.pairs).set(pairs);

  const phrases = new Uint16Array(memory, place.phrases, (place.votes - place.phrases) / 2);
  const weights = new Float64Array(memory, place.votes, (place.stamps - place.votes) / 8);
  const tasks = new Int32Array(memory, place.votes, weights.length * 2);
  let votes = 0;
  let longest = 0;
  for (let phrase = 0; phrase < list.length; phrase++) {
    const { words: numbers, entry } = list[phrase];
    const at = phrase * phraseUnits;
    for (let i = 0; i < numbers.length; i++) phrases[at + i] = numbers[i];
    longest = Math.max(longest, numbers.length);
    phrases[at + 6] = numbers.length;
    phrases[at + 8] = phraseRoles[phrase] & 0xffff;
    phrases[at + 9] = phraseRoles[phrase] >>> 16;
    for (let role = 0; role < phraseVotes.length; role++) {
      phrases[at + 10 + role] = votes;
      const given = entry[phraseVotes[role]];
      for (let i = 0; i < given.length; i++, votes++) {
        weights[votes * 2] = given[i].weight;
        tasks[votes * 4 + 2] = given[i].task;
        tasks[votes * 4 + 3] = i + 1 < given.length ? 1 : 0;
      }
    }
  }
  if (starts.length * 4 > words.length || list.length * phraseUnits > phrases.length || votes * 2 > weights.length || longest > phraseWords)
    throw new RangeError(
      `the kernel has no room for ${starts.length} words, ${list.length} phrases of up to ${longest} words, ${votes} votes`,
    );
}
