// How fast deduplication is: sketches in WebAssembly and in TypeScript beside a plain implementation, clusters, and the settling of one
// large component. Same rows, same run; figures are medians over rounds.
import { createRandom } from "../../src/core/random.ts";
import { clusterBands } from "../../src/dedup/cluster.ts";
import { createTypeScriptKernel } from "../../src/dedup/kernel.ts";
import { createSketcher, type Sketcher } from "../../src/dedup/sketch.ts";
import { settleComponent } from "../../src/dedup/survivors.ts";
import { makeRows } from "./tokenizer.ts";

const prompts = 20_000;
const plainPrompts = 500;
const rounds = 5;
const clusterRows = 400_000;
const componentRows = 100_000;
const threshold = 0.9;

export async function benchDedup(): Promise<void> {
  const texts = makePrompts(prompts);
  const ascii = texts.map((text) => text.replace(/[^\0-\x7f]/g, "e"));
  const characters = texts.reduce((sum, text) => sum + text.length, 0) / prompts;
  console.log(`dedup: ${prompts} prompts of ${characters.toFixed(0)} characters, 30 to 100 words; exact key and ${threshold} band keys`);

  const plain = rate(texts.slice(0, plainPrompts), plainSketcher());
  const told = (name: string, docs: number): void =>
    console.log(`  ${name}  ${(docs / 1000).toFixed(1)} k docs/s  ${(docs / plain).toFixed(0)}x plain`);
  const wasm = createSketcher({ threshold });
  const typescript = createSketcher({ threshold }, createTypeScriptKernel);
  const wasmRate = rate(ascii, sketching(wasm));
  const typescriptRate = rate(ascii, sketching(typescript));
  told(`${wasm.kind}, ASCII          `, wasmRate);
  told("typescript, ASCII    ", typescriptRate);
  console.log(`  ${wasm.kind} is ${(wasmRate / typescriptRate).toFixed(1)}x typescript`);
  told(`${wasm.kind}, some accents   `, rate(texts, sketching(wasm)));
  told("typescript, accents  ", rate(texts, sketching(typescript)));
  console.log(`  plain: strings, Set, 128 hash functions  ${(plain / 1000).toFixed(2)} k docs/s`);
  benchClusters(wasm);
  benchComponent(wasm);
}

/** Documents a second. */
function rate(texts: readonly string[], sketch: (text: string) => void): number {
  const times = Array.from({ length: rounds }, () => {
    const from = performance.now();
    for (const text of texts) sketch(text);
    return performance.now() - from;
  });
  return (texts.length / median(times)) * 1000;
}

function sketching(sketcher: Sketcher): (text: string) => void {
  const keys = new Uint32Array(sketcher.slots);
  const exact = new Uint32Array(4);
  return (text) => {
    sketcher.exactKey(text, exact);
    sketcher.sketch(text, keys);
  };
}

/** What one writes first: word 5-grams in a Set of strings, FNV-1a, 128 linear functions. */
function plainSketcher(): (text: string) => void {
  const random = createRandom(1);
  const functions = Array.from({ length: 128 }, () => ({ a: random.uint32() | 1, b: random.uint32() }));
  return (text) => {
    const words = text.toLowerCase().split(/\W+/);
    const shingles = new Set<string>();
    for (let i = 0; i + 5 <= words.length; i++) shingles.add(words.slice(i, i + 5).join(" "));
    const signature = functions.map(() => Infinity);
    for (const shingle of shingles) {
      let hash = 0x811c9dc5;
      for (let i = 0; i < shingle.length; i++) hash = Math.imul(hash ^ shingle.charCodeAt(i), 0x01000193);
      functions.forEach(({ a, b }, i) => {
        signature[i] = Math.min(signature[i], (Math.imul(a, hash) + b) >>> 0);
      });
    }
  };
}

function benchClusters({ bands }: Sketcher): void {
  const random = createRandom(2);
  // A row in ten repeats a key of another.
  const slots = Array.from({ length: bands }, () => Uint32Array.from({ length: clusterRows }, () => random.uint32()));
  for (const keys of slots) for (let row = 10; row < clusterRows; row += 10) keys[row] = keys[random.below(row)];
  const run = (memoryLimit: number): number => {
    const from = performance.now();
    clusterBands({ rowCount: clusterRows, slots: bands, memoryLimit, readBand: (slot, visit) => visit(slots[slot], 0) });
    return performance.now() - from;
  };
  for (const [name, limit] of [
    ["in memory     ", 2 ** 30],
    ["in 2 MiB      ", 2 ** 21],
  ] as const) {
    const time = median(Array.from({ length: 3 }, () => run(limit)));
    console.log(`  clusters of ${clusterRows} rows, ${bands} bands, ${name} ${(clusterRows / time).toFixed(0)} k rows/s`);
  }
}

/** One component of prompts of one template, a tenth of them near-duplicates. */
function benchComponent(sketcher: Sketcher): void {
  const random = createRandom(3);
  const texts: string[] = [];
  for (let i = 0; i < componentRows; i++) {
    const other = i % 10 === 9 ? `${texts[random.below(i)]} please` : undefined;
    texts.push(
      other ??
        `write a short and friendly headline for the spring sale of our shop that sells nothing else but x${i} and y${random.below(3000)}`,
    );
  }
  const from = performance.now();
  const drops = settleComponent({
    rows: Uint32Array.from(texts, (_, i) => i),
    undroppable: new Uint8Array(componentRows),
    texts: { textOf: (row) => texts[row] },
    sketcher,
    threshold,
  });
  const time = performance.now() - from;
  console.log(
    `  one component of ${componentRows} rows of a template  ${(componentRows / time).toFixed(0)} k rows/s, ${drops.length} dropped`,
  );
}

function makePrompts(count: number): string[] {
  const random = createRandom(4);
  const rows = makeRows(4000, 1).map((text) => text.split(" "));
  return Array.from({ length: count }, (_, i) => {
    const words = rows[i % rows.length];
    const wanted = 30 + random.below(71);
    const start = random.below(Math.max(1, words.length - wanted));
    return words.slice(start, start + wanted).join(" ");
  });
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1];
}
