// The WebAssembly SIMD twin of minhash.ts: bit for bit the same signatures. Memory is a fixed few hundred KiB; long texts go in pieces.
import { createTypeScriptMinHasher, linearHashes, type MinHasher, type MinHashOptions } from "./minhash.ts";
import { wasm } from "./minhash.wasm.ts";

interface Kernel {
  clear(signature: number, permutations: number): void;
  accumulate(
    words: number,
    count: number,
    n: number,
    shingles: number,
    table: number,
    signature: number,
    permutations: number,
  ): void;
}

/** Words a call. */
const piece = 16384;
const pageBytes = 65536;

/** Undefined where this machine's WebAssembly has no SIMD. */
export function createWasmMinHasher(options: MinHashOptions): MinHasher | undefined {
  const kernelModule = compile();
  if (!kernelModule) return undefined;
  const { permutations } = options;
  const table = linearHashes(options);
  // The first page is the module's own.
  const words = pageBytes;
  const shingles = words + piece * 4;
  const tableAt = shingles + piece * 4;
  const signatureAt = tableAt + table.byteLength;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((signatureAt + permutations * 4) / pageBytes) });
  const kernel = new WebAssembly.Instance(kernelModule, { env: { memory, abort } }).exports as unknown as Kernel;
  const wordView = new Uint32Array(memory.buffer, words, piece);
  const signature = new Uint32Array(memory.buffer, signatureAt, permutations);
  new Uint32Array(memory.buffer, tableAt, table.length).set(table);
  return {
    kind: "wasm",
    signature(low, count, size) {
      const n = Math.min(size, count);
      kernel.clear(signatureAt, permutations);
      // Pieces overlap by n - 1 words, so that every n-gram lies whole in one.
      for (let from = 0; from + n <= count; from += piece - n + 1) {
        const to = Math.min(count, from + piece);
        if (to - from <= copyByHand) for (let i = from; i < to; i++) wordView[i - from] = low[i];
        else wordView.set(low.subarray(from, to));
        kernel.accumulate(words, to - from, n, shingles, tableAt, signatureAt, permutations);
      }
      return signature;
    },
  };
}

/** Below this many words a loop beats making a view. */
const copyByHand = 128;

/** The fastest there is on this machine. */
export function createMinHasher(options: MinHashOptions): MinHasher {
  return createWasmMinHasher(options) ?? createTypeScriptMinHasher(options);
}

let compiled: WebAssembly.Module | undefined;

function compile(): WebAssembly.Module | undefined {
  if (compiled) return compiled;
  const bytes = Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return undefined;
  compiled = new WebAssembly.Module(bytes);
  return compiled;
}

function abort(): never {
  throw new Error("the MinHash kernel stopped");
}
