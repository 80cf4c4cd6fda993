// What a row's text leaves behind for deduplication: a 128-bit key of its normal form, and a few 32-bit LSH band keys.
// Rows that share an exact key are the same text; rows that share a key in any slot are candidates for near-duplicates.
import { mix32 } from "../core/random.ts";
import { chooseBands } from "./bands.ts";
import type { TextKernel } from "./kernel.ts";
import { createKernel } from "./kernel-wasm.ts";
import type { MinHashOptions } from "./minhash.ts";
import { checkShingleOptions, type ShingleOptions, shingleDefaults, tooManyForShort } from "./shingles.ts";

export interface SketcherOptions extends Partial<ShingleOptions> {
  /** Least Jaccard similarity of a near-duplicate, 0.2..1. */
  readonly threshold: number;
  /** MinHash values; a multiple of 16. */
  readonly permutations?: number;
  readonly seed?: number;
}

export interface Sketcher {
  /** Keys a row: `bands` of its long shingles (none in a short text), then `bands` of its short ones (none where it can meet no short text). */
  readonly slots: number;
  readonly bands: number;
  /** Signature values a band. */
  readonly rows: number;
  /** Theoretical share of pairs at exactly the threshold that share a key. */
  readonly recall: number;
  readonly shingleOptions: ShingleOptions;
  readonly kind: TextKernel["kind"];
  /** Fills keys[slots]; 0 is no key. */
  sketch(text: string, keys: Uint32Array): void;
  /** Fills out[4]; all zero where the text is empty after normalisation, which equals nothing. */
  exactKey(text: string, out: Uint32Array): void;
  /** The MinHash values of a text's n-grams: signature[permutations], a copy. All texts without words share one. */
  signature(text: string, n: number): Uint32Array;
}

/** `create` lets tests choose the kernel. */
export function createSketcher(options: SketcherOptions, create: (options: MinHashOptions) => TextKernel = createKernel): Sketcher {
  const { threshold, permutations = 128, seed = 0 } = options;
  const shingleOptions = checkShingleOptions({
    shortWords: options.shortWords ?? shingleDefaults.shortWords,
    longWords: options.longWords ?? shingleDefaults.longWords,
    shortBelow: options.shortBelow ?? shingleDefaults.shortBelow,
  });
  const { shortWords, longWords, shortBelow } = shingleOptions;
  const { bands, rows, recall } = chooseBands(threshold, permutations);
  const kernel = create({ permutations, seed });
  const meetsShort = tooManyForShort(shingleOptions, threshold);
  const most = Math.max(meetsShort, shortBelow);

  const fill = (n: number, keys: Uint32Array, from: number): void => {
    const signature = kernel.signature(n);
    for (let band = 0, i = 0; band < bands; band++) {
      let key = Math.imul(n, 0x9e3779b1) ^ band ^ seed;
      for (const end = i + rows; i < end; i++) key = Math.imul((key ^ signature[i]) + 0x7f4a7c15, 0x2c1b3c6d) ^ (key >>> 15);
      keys[from + band] = mix32(key) || 1;
    }
  };

  return {
    slots: bands * 2,
    bands,
    rows,
    recall,
    shingleOptions,
    kind: kernel.kind,
    sketch(text, keys) {
      const words = kernel.load(text);
      keys.fill(0, 0, bands * 2);
      if (words === 0) return;
      const different = kernel.distinct(shortWords, most);
      if (different >= shortBelow) fill(longWords, keys, 0);
      if (different < meetsShort) fill(shortWords, keys, bands);
    },
    exactKey(text, out) {
      kernel.load(text);
      kernel.exactKey(out);
    },
    signature(text, n) {
      return kernel.load(text) === 0 ? new Uint32Array(permutations) : kernel.signature(n).slice();
    },
  };
}
