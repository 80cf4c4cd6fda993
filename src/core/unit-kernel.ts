// Hands texts to kernels that are made of assembly/units.ts: UTF-16 units, class tables and word tables in WebAssembly memory.
import { createKernelInstance } from "./wasm.ts";

/** Longest text that such a kernel reads, UTF-16 units. */
export const longestUnits = 32_768;

/** What a unit is to a kernel, as bits of its class table; see assembly/units.ts. */
export const UnitClass = { word: 1, joiner: 2, other: 4, lead: 8, refused: 16 } as const;

/** Places in memory, as in assembly/units.ts, bytes. */
const textAt = 0x10000;
const lowAt = textAt + 2 * (longestUnits + 128);
const setsAt = 0x10000;

export interface WordExports {
  putWord(table: number, size: number, value: number): void;
}

export interface UnitKernel<Exports> {
  readonly exports: Exports;
  readonly memory: ArrayBuffer;
  /** Writes a text, or its first `limit` units; returns the units written. */
  load(text: string, limit?: number): number;
}

/** Undefined where this machine's WebAssembly has no SIMD. */
export function createUnitKernel<Exports extends object>(wasm: string, pages: number): UnitKernel<Exports & WordExports> | undefined {
  const memory = new WebAssembly.Memory({ initial: pages });
  const exports = createKernelInstance<Exports & WordExports>(wasm, memory);
  if (exports === undefined) return undefined;
  const buffer = Buffer.from(memory.buffer);
  return {
    exports,
    memory: memory.buffer,
    load: (text, limit = longestUnits) => buffer.write(text, textAt, limit * 2, "utf16le") >> 1,
  };
}

/** Puts a class table in memory: classes[0x10000]. */
export function putClasses({ memory }: UnitKernel<object>, at: number, classes: Uint8Array): void {
  new Uint8Array(memory).set(classes, at);
  const sets = new Uint8Array(memory, at + setsAt, 96);
  sets.fill(0);
  [UnitClass.word, UnitClass.joiner, UnitClass.other].forEach((bit, set) => {
    for (let unit = 0; unit < 0x100; unit++) {
      const high = unit >> 4;
      if ((classes[unit] & bit) !== 0) sets[set * 32 + (high >> 3) * 16 + (unit & 15)] |= 1 << (high & 7);
    }
  });
}

/** Puts a word of lower-case ASCII into a word table; the bits of words put twice add up. */
export function putWord({ exports, memory }: UnitKernel<WordExports>, table: number, word: string, value: number): void {
  const low = new Uint8Array(memory, lowAt, word.length + 16);
  for (let i = 0; i < word.length; i++) low[i] = word.charCodeAt(i);
  exports.putWord(table, word.length, value);
}
