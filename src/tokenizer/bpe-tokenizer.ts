// Our own byte-level BPE from a text to ids: normalise, then cut into words and look each up (the kernel). Works on UTF-8 bytes; offsets it
// gives are UTF-16 code units of the original text.
import type { Cutter } from "./added-tokens.ts";
import { mergeLong } from "./bpe-long.ts";
import type { BpeTables } from "./bpe-tables.ts";
import { MergeTable } from "./merge-table.ts";
import { normalizeText, originalOffsets, type Form } from "./normalize.ts";
import type { Pretokenizer } from "./pretokenize.ts";
import { splitText } from "./pretokenize-split.ts";
import { TokenTable } from "./token-table.ts";
import { TokenBuffer, type Tokenizer } from "./types.ts";
import { bytesToUnits, unitsToBytes, utf8Length } from "./utf8.ts";
import { decodeIds, noId } from "./vocabulary.ts";
import { longestWord, WordKernel } from "./word-kernel.ts";

export interface BpeParts {
  readonly tables: BpeTables;
  readonly forms: readonly Form[];
  readonly pretokenizer: Pretokenizer;
  /** Cuts added tokens that are ordinary vocabulary out of a text first. */
  readonly cutter: Cutter | undefined;
  readonly addedTokens: Tokenizer["addedTokens"];
}

export function createBpeTokenizer(parts: BpeParts): Tokenizer {
  const { addedTokens, cutter } = parts;
  const { vocabulary } = parts.tables;
  const encoder = new TextEncoderBpe(parts);
  const scratch = new TokenBuffer();
  const added = new Map(addedTokens.map(({ content, id }) => [content, id]));

  function encode(text: string, into: TokenBuffer, starts?: TokenBuffer): void {
    let done = 0;
    if (cutter) {
      for (const { start, end, id } of cutter(text)) {
        if (start > done) encoder.encode(text.slice(done, start), done, into, starts);
        into.push(id);
        starts?.push(start);
        done = end;
      }
    }
    if (done < text.length) encoder.encode(done > 0 ? text.slice(done) : text, done, into, starts);
  }

  function encodeParts(text: string, start: number, end: number, into: TokenBuffer): readonly [number, number] {
    if (cutter === undefined && encoder.load(text)) return encoder.encodeLoaded(text, start, end, into);
    encode(text.slice(0, start), into);
    const first = into.length;
    encode(text.slice(start, end), into);
    const second = into.length;
    encode(text.slice(end), into);
    return [first, second];
  }

  return {
    kind: "bpe",
    vocabSize: vocabulary.size,
    addedTokens,
    encode: (text, into) => encode(text, into),
    encodeWithOffsets: (text, into, starts) => encode(text, into, starts),
    encodeParts,
    count(text) {
      scratch.clear();
      encode(text, scratch);
      return scratch.length;
    },
    decode: (ids) => decodeIds(vocabulary, ids),
    addedToken: (content) => added.get(content),
  };
}

/** Encodes texts one after another with the same buffers and word table. */
class TextEncoderBpe {
  private readonly parts: BpeParts;
  private readonly kernel: WordKernel;
  private readonly merges: MergeTable;
  private readonly words: TokenTable | undefined;

  constructor(parts: BpeParts) {
    this.parts = parts;
    const { merges, words, vocabulary } = parts.tables;
    this.merges = new MergeTable(merges);
    this.words = words && new TokenTable(vocabulary, words);
    this.kernel = new WordKernel(parts.pretokenizer, parts.tables);
  }

  /** Appends the ids of a text, and to starts their offsets plus base. */
  encode(text: string, base: number, into: TokenBuffer, starts: TokenBuffer | undefined): void {
    const { forms, pretokenizer } = this.parts;
    const { kernel } = this;
    let normalized = text;
    let length = kernel.set(text);
    // ASCII is in every normal form.
    if (forms.length > 0 && length > text.length) {
      normalized = normalizeText(text, forms);
      if (normalized !== text) length = kernel.set(normalized);
    }
    if (length === 0) return;
    const shift = pretokenizer.prefixSpace && kernel.bytes[0] !== 0x20 ? 1 : 0;
    const words = shift > 0 ? ` ${normalized}` : normalized;
    if (shift > 0) length = kernel.set(words);

    const first = into.length;
    if (pretokenizer.scan) {
      this.encodeScanned(0, length, into);
      if (starts) this.appendBytePositions(0, into, first, starts);
    } else this.encodeSplit(words, into, starts);
    if (!starts) return;

    const from = starts.length - (into.length - first);
    bytesToUnits(kernel.bytes, starts.ids, from, starts.length);
    const origins = normalized === text ? undefined : originalOffsets(text, normalized, forms);
    for (let i = from; i < starts.length; i++) {
      const unit = Math.max(0, starts.ids[i] - shift);
      starts.ids[i] = base + (origins ? origins[unit] : unit);
    }
  }

  /** Takes a text into the kernel; false where it is encoded in other ways than as it stands. */
  load(text: string): boolean {
    const { forms, pretokenizer } = this.parts;
    if (!pretokenizer.scan || pretokenizer.prefixSpace) return false;
    const length = this.kernel.set(text);
    return forms.length === 0 || length === text.length || normalizeText(text, forms) === text;
  }

  /** encodeParts of the text that was loaded. */
  encodeLoaded(text: string, start: number, end: number, into: TokenBuffer): readonly [number, number] {
    const { kernel } = this;
    const { length } = kernel;
    const isAscii = length === text.length;
    const startByte = isAscii ? start : utf8Length(text, 0, start);
    const endByte = isAscii ? end : length - utf8Length(text, end, text.length);
    this.encodeScanned(0, startByte, into);
    const first = into.length;
    this.encodeScanned(startByte, endByte, into);
    const second = into.length;
    this.encodeScanned(endByte, length, into);
    return [first, second];
  }

  private encodeScanned(from: number, to: number, into: TokenBuffer): void {
    this.kernel.encode(from, to, into, (start, length) => this.appendLong(start, length, into));
  }

  private encodeSplit(text: string, into: TokenBuffer, starts: TokenBuffer | undefined): void {
    // Lone surrogates are U+FFFD, here as in the bytes; it takes one unit as they do.
    const bounds = Uint32Array.from(splitText(text.replace(/\p{Surrogate}/gu, "\ufffd"), this.parts.pretokenizer.stages));
    unitsToBytes(this.kernel.bytes, bounds);
    for (let i = 0; i < bounds.length; i += 2) {
      const first = into.length;
      this.appendWord(bounds[i], bounds[i + 1] - bounds[i], into);
      if (starts) this.appendBytePositions(bounds[i], into, first, starts);
    }
  }

  /** Tokens cover the bytes of what was encoded without gaps: where each starts follows from their lengths. */
  private appendBytePositions(start: number, into: TokenBuffer, first: number, starts: TokenBuffer): void {
    const { offsets } = this.parts.tables.vocabulary;
    starts.reserve(starts.length + into.length - first);
    for (let i = first; i < into.length; i++) {
      const id = into.ids[i];
      starts.ids[starts.length++] = start;
      start += offsets[id + 1] - offsets[id];
    }
  }

  private appendWord(start: number, length: number, into: TokenBuffer): void {
    if (length > longestWord) this.appendLong(start, length, into);
    else this.kernel.encodeWord(start, length, into);
  }

  /** Words that are too long for the kernel. */
  private appendLong(start: number, length: number, into: TokenBuffer): void {
    const { bytes } = this.kernel;
    const id = this.words?.find(bytes, start, start + length) ?? noId;
    if (id !== noId) {
      into.push(id);
      return;
    }
    const { byteIds } = this.parts.tables.vocabulary;
    const ids = Int32Array.from({ length }, (_, i) => byteIds[bytes[start + i]]);
    const count = mergeLong(this.merges, ids);
    into.reserve(into.length + count);
    into.ids.set(ids.subarray(0, count), into.length);
    into.length += count;
  }
}
