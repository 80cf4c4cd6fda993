// Words and terms of texts in WebAssembly (assembly/terms.ts), as decontaminate-terms.ts finds them. Memory is fixed, some 3 MiB: what does
// not fit is read by TypeScript.
import { createKernelInstance } from "../core/wasm.ts";
import { lookupSlots } from "./decontaminate-grams.ts";
import { surfaces, synonyms } from "./decontaminate-stems.ts";
import { changingUnit, createTypeScriptTextScanner, type TextScanner, unitTables } from "./decontaminate-terms.ts";
import { wasm } from "./terms.wasm.ts";

interface Exports {
  place(
    text: number,
    bytes: number,
    plain: number,
    other: number,
    letters: number,
    known: number,
    word: number,
    term: number,
    counts: number,
  ): void;
  placeTables(
    surfaces: number,
    surfaceMask: number,
    synonyms: number,
    synonymMask: number,
    vocabulary: number,
    vocabularyMask: number,
  ): void;
  scan(length: number): number;
}

/** The kernel at work, and the words and terms that it has read. */
export interface TermKernel<More, Name extends string> {
  readonly exports: Exports & More;
  readonly memory: ArrayBuffer;
  /** Where what else was asked for lies, in bytes. */
  readonly at: Readonly<Record<Name, number>>;
  /** counts[4]: words and terms read so far, which may be set to 0; the others are for more. Its place in bytes is `byteOffset`. */
  readonly counts: Uint32Array;
  /** word[words] */
  readonly word: Uint32Array;
  /** term[terms]: the hash of a number, 0 or any even number for a word. */
  readonly term: Uint32Array;
  /** id[terms]: places in `slots`, -1 for terms that are not there; without `slots` the term's hash less 2. */
  readonly id: Int32Array;
  /** First unit and end of each term, and its word. */
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  readonly wordOf: Uint32Array;
  /** Reads a text, in NFKC where that changes it, behind those before; false, and nothing of use, where it does not fit. */
  read(text: string): boolean;
}

const pageBytes = 65536;
/** UTF-16 units of the texts that fit, and as many words and terms. */
export const room = 1 << 16;
/** Parts of words that the kernel keeps, see assembly/terms.ts. */
const knownParts = 0x10000;

interface Tables {
  readonly surfaces: Uint32Array;
  readonly synonyms: Uint32Array;
  /** Class << 16 | lower case of every unit; in texts as they come, units that NFKC may change are a class of their own. */
  readonly normalised: Uint32Array;
  readonly letters: Uint32Array;
}

let made: Tables | undefined;

/** The same in every kernel. */
function tables(): Tables {
  if (made) return made;
  const { kinds, lower, changing } = unitTables();
  const normalised = new Uint32Array(0x10000);
  const letters = new Uint32Array(0x10000);
  for (let unit = 0; unit < 0x10000; unit++) {
    normalised[unit] = (kinds[unit] << 16) | lower[unit];
    letters[unit] = changing[unit] === 1 ? changingUnit << 16 : normalised[unit];
  }
  made = {
    surfaces: lookupSlots([...surfaces.keys()], [...surfaces.values()]),
    synonyms: lookupSlots([...synonyms.keys()], [...synonyms.values()]),
    normalised,
    letters,
  };
  return made;
}

/**
 * `slots` numbers terms, see lookupSlots; `more` names what else is to lie in memory, with its bytes. Undefined where this machine's
 * WebAssembly has no SIMD.
 */
export function createTermKernel<More extends object, Name extends string = never>(
  slots: Uint32Array | undefined,
  more: Readonly<Record<Name, number>>,
): TermKernel<More, Name> | undefined {
  const own = { ...tables(), vocabulary: slots ?? new Uint32Array(0) };
  // The first page is the module's own.
  let used = pageBytes;
  const place = (length: number): number => {
    const from = used;
    used += Math.ceil(length / 64) * 64;
    return from;
  };
  const at = {
    counts: place(16),
    text: place((room + 64) * 2),
    bytes: place(room + 64),
    plain: place(room / 8 + 8),
    other: place(room / 8 + 8),
    known: place(knownParts * 16),
    word: place(room * 4),
    term: place(room * 4 * 5),
    normalised: place(own.normalised.byteLength),
    letters: place(own.letters.byteLength),
    surfaces: place(own.surfaces.byteLength),
    synonyms: place(own.synonyms.byteLength),
    vocabulary: place(own.vocabulary.byteLength),
  };
  const places = Object.fromEntries(Object.entries<number>(more).map(([name, length]) => [name, place(length)]));
  const memory = new WebAssembly.Memory({ initial: Math.ceil(used / pageBytes) });
  const exports = createKernelInstance<Exports & More>(wasm, memory);
  if (exports === undefined) return undefined;
  const { buffer } = memory;
  for (const name of ["normalised", "letters", "surfaces", "synonyms", "vocabulary"] as const)
    new Uint32Array(buffer, at[name], own[name].length).set(own[name]);
  const maskOf = (table: Uint32Array): number => table.length / 2 - 1;
  exports.placeTables(
    at.surfaces,
    maskOf(own.surfaces),
    at.synonyms,
    maskOf(own.synonyms),
    slots === undefined ? 0 : at.vocabulary,
    maskOf(own.vocabulary),
  );
  const readAs = (letters: number): void =>
    exports.place(at.text, at.bytes, at.plain, at.other, letters, at.known, at.word, at.term, at.counts);
  readAs(at.letters);
  const units = new Uint16Array(buffer, at.text, room);
  const bytes = Buffer.from(buffer, at.text, room * 2);
  const counts = new Uint32Array(buffer, at.counts, 4);
  const arrayAt = (number: number): Uint32Array => new Uint32Array(buffer, at.term + number * room * 4, room);

  function write(text: string): boolean {
    if (counts[0] + text.length >= room || counts[1] + text.length >= room) return false;
    bytes.write(text, "utf16le");
    units[text.length] = 0;
    return true;
  }

  return {
    exports,
    memory: buffer,
    at: places as Record<Name, number>,
    counts,
    word: new Uint32Array(buffer, at.word, room),
    term: arrayAt(0),
    id: new Int32Array(buffer, at.term + room * 4, room),
    start: arrayAt(2),
    end: arrayAt(3),
    wordOf: arrayAt(4),
    read(text) {
      if (!write(text)) return false;
      if (exports.scan(text.length) !== 0) return true;
      const normalised = text.normalize("NFKC");
      if (!write(normalised)) return false;
      readAs(at.normalised);
      exports.scan(normalised.length);
      readAs(at.letters);
      return true;
    },
  };
}

/** Undefined where this machine's WebAssembly has no SIMD. Of each part's terms, `id`, `start` and `end` are not told. */
export function createWasmTextScanner(): TextScanner | undefined {
  const kernel = createTermKernel(undefined, {});
  if (kernel === undefined) return undefined;
  const { counts, word, id, wordOf } = kernel;
  const term = new Uint32Array(room);
  let longTexts: TextScanner | undefined;
  return (parts) => {
    counts[0] = counts[1] = 0;
    const starts: number[] = [];
    for (const part of parts) {
      starts.push(counts[0]);
      if (!kernel.read(part)) return (longTexts ??= createTypeScriptTextScanner())(parts);
    }
    const [words, terms] = counts;
    for (let i = 0; i < terms; i++) term[i] = id[i] + 2;
    return { words, word, terms, term, at: wordOf, starts };
  };
}

/** The fastest there is on this machine. */
export function createTextScanner(): TextScanner {
  return createWasmTextScanner() ?? createTypeScriptTextScanner();
}
