// A text as UTF-8 in WebAssembly memory, and the kernel (assembly/) that cuts it into words and looks them up. Both are used again from
// text to text. Lone surrogates become U+FFFD. Positions are bytes.
import { wasmBytes } from "../core/wasm.ts";
import { classify } from "./pretokenize-classes.ts";
import type { Pretokenizer } from "./pretokenize.ts";
import type { TokenBuffer } from "./types.ts";
import { wasm } from "./kernel.wasm.ts";

/** As assembly/layout.ts has them. */
const place = { flags: 0x10000, ids: 0xd20200, results: 0xd60200, text: 0xd60210 } as const;
/** As assembly/word-table.ts has it: longer words are not looked up. */
export const longestWord = 255;

/** Readable bytes behind the text, so that 16-byte loads at its end stay inside memory. */
const slack = 16;
const smallest = 1 << 16;
/** Memory that one huge text made larger than this is let go afterwards (bytes). */
const keep = 1 << 22;
const pageBytes = 1 << 16;

const patterns = { whole: 0, gpt2: 1, cl100k: 2, o200k: 3 } as const;
const digitSplits = { individual: 1, contiguous: 2 } as const;

interface Exports {
  configure(pattern: number, digits: number, contractions: boolean, splitDigits: number): void;
  encode(from: number, to: number): number;
  encodeWord(from: number, length: number): number;
}

/** Gives ids[0, returned) of the word bytes[start, start + length); there is room for `length` of them. */
export type Merge = (bytes: Uint8Array, start: number, length: number, ids: Int32Array) => number;

const encoder = new TextEncoder();
let compiled: WebAssembly.Module | undefined;

export class WordKernel {
  /** The text is bytes[0, length). */
  bytes!: Uint8Array;
  length = 0;
  private readonly pretokenizer: Pretokenizer;
  private readonly merge: Merge;
  private memory!: WebAssembly.Memory;
  private exports!: Exports;
  /** All of memory, for ids, and what a call gave: how many ids, the length of a long word. */
  private cells!: Int32Array;

  constructor(pretokenizer: Pretokenizer, merge: Merge) {
    this.pretokenizer = pretokenizer;
    this.merge = merge;
    this.start(smallest);
  }

  /** Holds this text from now on; returns its length in bytes. Equal to text.length only where all of it is ASCII. */
  set(text: string): number {
    const enough = text.length + slack;
    if (this.bytes.length > Math.max(keep, enough * 4)) this.start(Math.max(enough, smallest));
    else if (this.bytes.length < enough) this.grow(enough);
    let { read, written } = encoder.encodeInto(text, this.bytes.subarray(0, this.bytes.length - slack));
    while (read < text.length) {
      // Three bytes a unit always suffice.
      this.grow(written + (text.length - read) * 3 + slack);
      const more = encoder.encodeInto(text.slice(read), this.bytes.subarray(written, this.bytes.length - slack));
      read += more.read;
      written += more.written;
    }
    this.length = written;
    return written;
  }

  /** Appends the ids of bytes[from, to), where words begin. Words too long for the table are left to `appendLong`. */
  encode(from: number, to: number, into: TokenBuffer, appendLong: (start: number, length: number) => void): void {
    while (from < to) {
      from = this.exports.encode(from, to);
      const count = this.cells[place.results >> 2];
      const long = this.cells[(place.results >> 2) + 1];
      this.take(count, into);
      if (long > 0) appendLong(from, long);
      from += long;
    }
  }

  /** Appends the ids of one word of at most longestWord bytes. */
  encodeWord(start: number, length: number, into: TokenBuffer): void {
    this.take(this.exports.encodeWord(start, length), into);
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
    this.memory = new WebAssembly.Memory({ initial: Math.ceil((place.text + textBytes) / pageBytes) });
    this.look();
    compiled ??= new WebAssembly.Module(wasmBytes(wasm));
    const given: Readonly<Record<string, WebAssembly.ImportValue>> = {
      memory: this.memory,
      abort: (): never => {
        throw new Error("the tokenizer's kernel stopped");
      },
      classify: (codePoint: number): number => (new Uint8Array(this.memory.buffer)[place.flags + codePoint] = classify(codePoint)),
      merge: (start: number, length: number, ids: number): number =>
        this.merge(this.bytes, start, length, this.cells.subarray(ids >> 2, (ids >> 2) + length)),
    };
    // AssemblyScript names an import's module after the file that declares it.
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
    for (const { module, name } of WebAssembly.Module.imports(compiled)) (imports[module] ??= {})[name] = given[name];
    this.exports = new WebAssembly.Instance(compiled, imports).exports as unknown as Exports;
    const flags = new Uint8Array(this.memory.buffer, place.flags, 0x80);
    for (let code = 0; code < 0x80; code++) flags[code] = classify(code);
    const { scan, cut } = this.pretokenizer;
    const { pattern, digits, contractions } = scan ?? { pattern: "whole", digits: 0, contractions: false };
    this.exports.configure(patterns[pattern], digits, contractions, cut ? digitSplits[cut] : 0);
  }

  private grow(textBytes: number): void {
    const pages = Math.ceil((place.text + textBytes - this.memory.buffer.byteLength) / pageBytes);
    if (pages > 0) this.memory.grow(pages);
    this.look();
  }

  /** Views end when memory grows. */
  private look(): void {
    const { buffer } = this.memory;
    this.bytes = new Uint8Array(buffer, place.text);
    this.cells = new Int32Array(buffer);
  }
}
