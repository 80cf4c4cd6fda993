// Reads instructions in WebAssembly (assembly/), where this machine's has SIMD. What is read, task-scan.ts says: it is the twin in TypeScript.
import { createUnitKernel, longestUnits, putClasses, putWord, UnitClass } from "../core/unit-kernel.ts";
import { wasm } from "./kernel.wasm.ts";
import type { TaskLexicon } from "./task-lexicon.ts";
import { Class, createScan, instructionStart, type Scan, unitClasses } from "./task-scan.ts";

interface Exports {
  scanInstruction(length: number, from: number): void;
}

/** As scanInstruction of task-scan.ts; undefined for a long text. */
export type TaskScanner = (text: string) => Scan | undefined;

/** Places in memory, as in assembly/kernel.ts, bytes. */
const place = {
  classes: 0x40000,
  lexicon: 0x51000,
  result: 0x63000,
  numbers: 0x63100,
  gaps: 0x64000,
  colons: 0x64800,
  sentences: 0x65000,
} as const;
const pages = 7;

export function createTaskScanner(lexicon: TaskLexicon): TaskScanner | undefined {
  const kernel = createUnitKernel<Exports>(wasm, pages);
  if (kernel === undefined) return undefined;
  const { exports, memory } = kernel;
  putClasses(kernel, place.classes, taskClasses());
  for (const [word, number] of lexicon.words) putWord(kernel, place.lexicon, word, number);
  const result = new Int32Array(memory, place.result, 16);
  const scan: Scan = {
    ...createScan(),
    numbers: new Uint16Array(memory, place.numbers, 1024),
    gaps: new Uint8Array(memory, place.gaps, 1024),
    colons: new Uint8Array(memory, place.colons, 1024),
    sentenceStarts: new Uint16Array(memory, place.sentences, 1024),
  };
  return (text) => {
    if (text.length > longestUnits) return undefined;
    exports.scanInstruction(kernel.load(text), instructionStart(text));
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
  };
}

/** The class of a unit above what it is to units.ts: part of a word, or a space. */
function taskClasses(): Uint8Array {
  const { letter, digit, foreign } = Class;
  const bits = (kind: number): number => (kind === letter || kind === digit || kind === foreign ? UnitClass.word : 0);
  return unitClasses.map((kind, unit) => (kind << 4) | (unit === 0x20 ? UnitClass.other : bits(kind)));
}
