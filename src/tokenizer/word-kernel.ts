// A text as UTF-8 in WebAssembly memory, and the kernel (assembly/) that cuts it into words, looks them up and merges new ones. Both are used
// again from text to text. Lone surrogates become U+FFFD. Positions are bytes.
import { wasmBytes } from "../core/wasm.ts";
import { classify } from "./pretokenize-classes.ts";
import type { Pretokenizer } from "./pretokenize.ts";
import type { TokenBuffer } from "./types.ts";
import type { BpeTables } from "./bpe-tables.ts";
import { wasm } from "./kernel.wasm.ts";
import { wasm as scalarWasm } from "./kernel-scalar.wasm.ts";

/** As assembly/layout.ts has them. `tables`: the first byte behind all else. */
const place = { flags: 0x10000, byteIds: 0x120100, results: 0x121e20, ids: 0xd21e80, tables: 0xf21e80 } as const;
/** As assembly/layout.ts has it: the kernel neither looks up nor merges longer words. */
export const longestWord = 255;

/** Readable bytes behind the text, so that what the kernel loads at its end is inside memory. */
const slack = 64;
const smallest = 1 << 16;
/** Memory that one huge text made larger than this is let go afterwards (bytes). */
const keep = 1 << 22;
const pageBytes = 1 << 16;

const patterns = { whole: 0, gpt2: 1, cl100k: 2, o200k: 3 } as const;
const digitSplits = { individual: 1, contiguous: 2 } as const;

interface Exports {
  configure(pattern: number, digits: number, contractions: boolean, splitDigits: number): void;
  prepareMerges(merges: number, mergeSlots: number, words: number, wordSlots: number, offsets: number, pool: number): void;
  encode(from: number, to: number): number;
  encodeWord(from: number, length: number): number;
}

/** The kernel's code, with SIMD or without it. */
export type KernelKind = "simd" | "scalar";
const code: Readonly<Record<KernelKind, string>> = { simd: wasm, scalar: scalarWasm };
const compiled = new Map<KernelKind, WebAssembly.Module>();

function compile(kind: KernelKind): WebAssembly.Module {
  let module = compiled.get(kind);
  if (module === undefined) compiled.set(kind, (module = new WebAssembly.Module(wasmBytes(code[kind]))));
  return module;
}

let fastest: KernelKind | undefined;
/** What this machine's WebAssembly can run. */
function fastestKind(): KernelKind {
  return (fastest ??= WebAssembly.validate(wasmBytes(wasm)) ? "simd" : "scalar");
}

const encoder = new TextEncoder();

export class WordKernel {
  /** The text is bytes[0, length). */
  bytes!: Buffer;
  length = 0;
  private readonly pretokenizer: Pretokenizer;
  private readonly tables: BpeTables;
  private readonly kind: KernelKind;
  private memory!: WebAssembly.Memory;
  private exports!: Exports;
  /** All of memory, for ids, and what a call gave: how many ids, the length of a long word. */
  private cells!: Int32Array;
  /** Where the tables end and the text begins. */
  private readonly textAt: number;

  constructor(pretokenizer: Pretokenizer, tables: BpeTables, kind = fastestKind()) {
    this.pretokenizer = pretokenizer;
    this.tables = tables;
    this.kind = kind;
    const { vocabulary, merges, words } = tables;
    this.textAt =
      place.tables + merges.byteLength + (words?.byteLength ?? 0) + vocabulary.offsets.byteLength + padded(vocabulary.pool.length);
    this.start(smallest);
  }

  /** Holds this text from now on; returns its length in bytes. Equal to text.length only where all of it is ASCII. */
  set(text: string): number {
    const enough = text.length + slack;
    if (this.bytes.length > Math.max(keep, enough * 4)) this.start(Math.max(enough, smallest));
    else if (this.bytes.length < enough) this.grow(enough);
    // Three bytes a unit always suffice. Buffers write up to four times as fast as a TextEncoder, which alone tells how far it came.
    if (text.length * 3 <= this.bytes.length - slack) return (this.length = this.bytes.write(text));
    let { read, written } = encoder.encodeInto(text, this.bytes.subarray(0, this.bytes.length - slack));
    while (read < text.length) {
      this.grow(written + (text.length - read) * 3 + slack);
      const more = encoder.encodeInto(text.slice(read), this.bytes.subarray(written, this.bytes.length - slack));
      read += more.read;
      written += more.written;
    }
    this.length = written;
    return written;
  }

  /** Appends the ids of bytes[from, to), where words begin. Words too long for the kernel are left to `appendLong`. */
  encode(from: number, to: number, into: TokenBuffer, appendLong: (start: number, length: number) => void): void {
    while (from < to) {
      from = this.exports.encode(this.textAt + from, this.textAt + to) - this.textAt;
      const count = this.cells[place.results >> 2];
      const long = this.cells[(place.results >> 2) + 1];
      this.take(count, into);
      if (long > 0) appendLong(from, long);
      from += long;
    }
  }

  /** Appends the ids of one word of at most longestWord bytes. */
  encodeWord(start: number, length: number, into: TokenBuffer): void {
    this.take(this.exports.encodeWord(this.textAt + start, length), into);
  }

  private take(count: number, into: TokenBuffer): void {
    into.reserve(into.length + count);
    const { cells } = this;
    const { ids } = into;
    let at = into.length;
    for (let i = place.ids >> 2, end = i + count; i < end; i++) ids[at++] = cells[i];
    into.length = at;
  }

  /** A new kernel, whose word table is empty. */
  private start(textBytes: number): void {
    this.memory = new WebAssembly.Memory({ initial: Math.ceil((this.textAt + textBytes) / pageBytes) });
    this.look();
    const given: Readonly<Record<string, WebAssembly.ImportValue>> = {
      memory: this.memory,
      abort: (): never => {
        throw new Error("the tokenizer's kernel stopped");
      },
      classify: (codePoint: number): number => (new Uint8Array(this.memory.buffer)[place.flags + codePoint] = classify(codePoint)),
    };
    // AssemblyScript names an import's module after the file that declares it.
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
    const module = compile(this.kind);
    for (const { module: file, name } of WebAssembly.Module.imports(module)) (imports[file] ??= {})[name] = given[name];
    this.exports = new WebAssembly.Instance(module, imports).exports as unknown as Exports;
    const flags = new Uint8Array(this.memory.buffer, place.flags, 0x80);
    for (let code = 0; code < 0x80; code++) flags[code] = classify(code);
    const { scan, cut } = this.pretokenizer;
    const { pattern, digits, contractions } = scan ?? { pattern: "whole", digits: 0, contractions: false };
    this.exports.configure(patterns[pattern], digits, contractions, cut ? digitSplits[cut] : 0);
    this.putTables();
  }

  private putTables(): void {
    const { vocabulary, merges, words } = this.tables;
    const { cells } = this;
    cells.set(vocabulary.byteIds, place.byteIds >> 2);
    const mergesAt = place.tables;
    cells.set(merges, mergesAt >> 2);
    const wordsAt = mergesAt + merges.byteLength;
    if (words) cells.set(words, wordsAt >> 2);
    const offsetsAt = wordsAt + (words?.byteLength ?? 0);
    cells.set(vocabulary.offsets, offsetsAt >> 2);
    const poolAt = offsetsAt + vocabulary.offsets.byteLength;
    new Uint8Array(this.memory.buffer).set(vocabulary.pool, poolAt);
    this.exports.prepareMerges(mergesAt, merges.length >> 2, wordsAt, words?.length ?? 0, offsetsAt, poolAt);
  }

  private grow(textBytes: number): void {
    const pages = Math.ceil((this.textAt + textBytes - this.memory.buffer.byteLength) / pageBytes);
    if (pages > 0) this.memory.grow(pages);
    this.look();
  }

  /** Views end when memory grows. */
  private look(): void {
    const { buffer } = this.memory;
    this.bytes = Buffer.from(buffer, this.textAt);
    this.cells = new Int32Array(buffer);
  }
}

/** So many bytes, up to where numbers may lie. */
function padded(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
