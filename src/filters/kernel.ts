// Counts and finds words in WebAssembly (assembly/), where this machine's has SIMD. What a word is, the TypeScript twins say.
import { wordClasses } from "../core/text.ts";
import { createUnitKernel, longestUnits, putClasses, UnitClass } from "../core/unit-kernel.ts";
import { isSpace } from "./character-loops.ts";
import { wasm } from "./kernel.wasm.ts";
import { createWordCounts, type WordCounts } from "./repeats-words.ts";

interface Exports {
  measureWords(length: number): number;
}

export interface FilterKernel {
  /** As countWords of repeats-words.ts; undefined for a text that it does not read: a long one, or one in a script without spaces. */
  countWords(text: string): WordCounts | undefined;
}

/** Places in memory, as in assembly/memory.ts, bytes. */
const place = { repeatClasses: 0x40000, result: 0x70300, starts: 0xb1000, ends: 0xc1000, ids: 0xd1000 } as const;
const pages = 24;
const mostWords = longestUnits / 2;

export function createFilterKernel(): FilterKernel | undefined {
  const kernel = createUnitKernel<Exports>(wasm, pages);
  if (kernel === undefined) return undefined;
  const { exports, memory } = kernel;
  putClasses(kernel, place.repeatClasses, repeatClasses());
  const result = new Int32Array(memory, place.result, 16);
  const counts = createWordCounts();
  counts.starts = new Uint32Array(memory, place.starts, mostWords);
  counts.ends = new Uint32Array(memory, place.ends, mostWords);
  counts.ids = new Int32Array(memory, place.ids, mostWords);
  return {
    countWords(text) {
      if (text.length > longestUnits) return undefined;
      const found = exports.measureWords(kernel.load(text));
      if (found < 0) return undefined;
      counts.mayLoop = found !== 0;
      counts.words = result[0];
      counts.letters = result[1];
      counts.distinct = result[2];
      counts.duplicateLetters = result[3];
      counts.duplicateStart = result[4];
      counts.duplicateEnd = result[5];
      counts.lowestDistinct = result[6];
      counts.sumDistinct = result[7];
      counts.windows = result[8];
      return counts;
    },
  };
}

/** Words, and white space as character-loops.ts sees it. */
function repeatClasses(): Uint8Array {
  return wordClasses().map((kind, unit) => (isSpace(unit) ? kind | UnitClass.other : kind));
}

let kernel: FilterKernel | undefined;
let made = false;

/** One a thread, made on first use. */
export function filterKernel(): FilterKernel | undefined {
  if (!made) {
    made = true;
    kernel = createFilterKernel();
  }
  return kernel;
}
