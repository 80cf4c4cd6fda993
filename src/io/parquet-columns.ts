// Column chunks of a Parquet file from typed arrays: one page a chunk, behind its dictionary where it has one. Values and page headers are
// encoded by hyparquet-writer; it takes columns as arrays of JavaScript values only, of which a ledger would make eleven a row.
import { constants, gzipSync } from "node:zlib";
import type { ColumnChunk, Encoding, ParquetType, Statistics } from "hyparquet";
import { ByteWriter } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import { deltaBinaryPack } from "hyparquet-writer/src/delta.js";
import { writeRleBitPackedHybrid } from "hyparquet-writer/src/encoding.js";
import { writePlain } from "hyparquet-writer/src/plain.js";
import { snappyCompress } from "hyparquet-writer/src/snappy.js";

/** UTF-8 texts one behind the other: lengths[texts] in bytes, and the bytes. */
export interface Texts {
  readonly lengths: Int32Array;
  readonly bytes: Uint8Array;
}

/** Levels of a list column, repetition[values] and definition[values], 0 or 1; a value is there where definition is 1. */
export interface ListLevels {
  /** Lists. */
  readonly rows: number;
  readonly repetition: Int32Array;
  readonly definition: Int32Array;
}

/**
 * How texts are packed: SNAPPY looks for repeats; GZIP only gives frequent bytes the shorter codes, for texts without repeats (where zlib looks
 * for them, processors with other instructions find others, and a run's bytes would depend on the machine).
 */
export type TextCodec = "SNAPPY" | "GZIP";

export function writeIntegers(writer: ByteWriter, path: readonly string[], values: Int32Array): ColumnChunk {
  const body = new ByteWriter();
  deltaBinaryPack(body, values, "INT32");
  let [least, most] = [values[0], values[0]];
  for (let i = 1; i < values.length; i++) {
    if (values[i] < least) least = values[i];
    else if (values[i] > most) most = values[i];
  }
  return writeChunk(writer, {
    path,
    type: "INT32",
    encoding: "DELTA_BINARY_PACKED",
    values: values.length,
    body: body.getBytes(),
    statistics: { min_value: least, max_value: most, null_count: 0n },
  });
}

/** Texts out of a few: text i is words[indexes[i]]. Words may stand there twice, or for nothing. */
export function writeWords(
  writer: ByteWriter,
  path: readonly string[],
  words: readonly string[],
  indexes: Int32Array,
  levels?: ListLevels,
): ColumnChunk {
  const used = usedWords(words, indexes);
  const values = levels?.definition.length ?? indexes.length;
  const missing = values - indexes.length;
  const sorted = used.words.map((word) => Buffer.from(word)).sort(Buffer.compare);
  const body = new ByteWriter();
  if (used.words.length > 0) {
    const bitWidth = 32 - Math.clz32(used.words.length - 1);
    body.appendUint8(bitWidth);
    writeRleBitPackedHybrid(body, used.indexes, bitWidth);
  }
  return writeChunk(writer, {
    path,
    type: "BYTE_ARRAY",
    // A list column without a value has no words: nothing, encoded plainly, is nothing.
    ...(used.words.length > 0 ? { encoding: "RLE_DICTIONARY", dictionary: used.words } : { encoding: "PLAIN" }),
    values,
    missing,
    levels,
    body: body.getBytes(),
    statistics: {
      min_value: sorted[0],
      max_value: sorted.at(-1),
      null_count: BigInt(missing),
    },
  });
}

export function writeTexts(writer: ByteWriter, path: readonly string[], { lengths, bytes }: Texts, codec: TextCodec): ColumnChunk {
  const body = new ByteWriter(bytes.length + lengths.length + 1024);
  deltaBinaryPack(body, lengths, "INT32");
  body.appendBytes(bytes);
  return writeChunk(writer, {
    path,
    type: "BYTE_ARRAY",
    encoding: "DELTA_LENGTH_BYTE_ARRAY",
    values: lengths.length,
    body: body.getBytes(),
    codec,
  });
}

/** Texts `beginning` + number: what a text has in common with the one before is not written again. */
export function writeNumbered(writer: ByteWriter, path: readonly string[], beginning: string, numbers: Int32Array): ColumnChunk {
  const head = Buffer.from(beginning);
  const shared = new Int32Array(numbers.length);
  const rest = new Int32Array(numbers.length);
  const bytes = new Uint8Array(head.length + numbers.length * maxDigits);
  bytes.set(head);
  let end = head.length;
  let before = new Uint8Array(maxDigits);
  let digits = new Uint8Array(maxDigits);
  let lengthBefore = 0;
  for (let i = 0; i < numbers.length; i++) {
    const length = writeDigits(numbers[i], digits);
    let common = 0;
    while (common < length && common < lengthBefore && digits[common] === before[common]) common++;
    shared[i] = i === 0 ? 0 : head.length + common;
    rest[i] = i === 0 ? head.length + length : length - common;
    for (let place = common; place < length; place++) bytes[end++] = digits[place];
    [before, digits] = [digits, before];
    lengthBefore = length;
  }
  const body = new ByteWriter(end + numbers.length + 1024);
  deltaBinaryPack(body, shared, "INT32");
  deltaBinaryPack(body, rest, "INT32");
  body.appendBytes(bytes.subarray(0, end));
  return writeChunk(writer, { path, type: "BYTE_ARRAY", encoding: "DELTA_BYTE_ARRAY", values: numbers.length, body: body.getBytes() });
}

/** Of numbers below 2 ** 31. */
const maxDigits = 10;

/** Decimal digits of a number that is not negative; returns how many. */
function writeDigits(number: number, into: Uint8Array): number {
  let length = 1;
  for (let left = number; left >= 10; left = Math.floor(left / 10)) length++;
  let left = number;
  for (let place = length - 1; place >= 0; place--) {
    const rest = Math.floor(left / 10);
    into[place] = 48 + left - rest * 10;
    left = rest;
  }
  return length;
}

/** The words that stand for something, each once, in the order they appear, and the indexes into them. */
function usedWords(words: readonly string[], indexes: Int32Array): { words: string[]; indexes: Int32Array } {
  const places = new Map<string, number>();
  const placeOf = new Int32Array(words.length).fill(-1);
  const used = new Int32Array(indexes.length);
  for (let i = 0; i < indexes.length; i++) {
    let place = placeOf[indexes[i]];
    if (place < 0) {
      const word = words[indexes[i]];
      place = places.get(word) ?? places.size;
      places.set(word, place);
      placeOf[indexes[i]] = place;
    }
    used[i] = place;
  }
  return { words: [...places.keys()], indexes: used };
}

interface Chunk {
  readonly path: readonly string[];
  readonly type: ParquetType;
  readonly encoding: Encoding;
  readonly dictionary?: readonly string[];
  /** Values, missing ones too. */
  readonly values: number;
  readonly missing?: number;
  readonly levels?: ListLevels;
  readonly body: Uint8Array;
  readonly codec?: TextCodec;
  readonly statistics?: Statistics;
}

function writeChunk(writer: ByteWriter, chunk: Chunk): ColumnChunk {
  const { path, type, encoding, dictionary, values, missing = 0, levels, body, codec, statistics } = chunk;
  const start = writer.offset;
  if (dictionary) writeDictionary(writer, dictionary);
  const dataStart = writer.offset;
  const levelBytes = new ByteWriter();
  const repetitionLength = levels ? writeRleBitPackedHybrid(levelBytes, levels.repetition, 1) : 0;
  const definitionLength = levels ? writeRleBitPackedHybrid(levelBytes, levels.definition, 1) : 0;
  const packed = codec === "SNAPPY" ? snappyCompress(body) : codec === "GZIP" ? deflated(body) : body;
  writePageHeader(writer, {
    type: "DATA_PAGE_V2",
    uncompressed_page_size: levelBytes.offset + body.length,
    compressed_page_size: levelBytes.offset + packed.length,
    data_page_header_v2: {
      num_values: values,
      num_nulls: missing,
      num_rows: levels?.rows ?? values,
      encoding,
      definition_levels_byte_length: definitionLength,
      repetition_levels_byte_length: repetitionLength,
      is_compressed: codec !== undefined,
    },
  });
  writer.appendBytes(levelBytes.getBytes());
  writer.appendBytes(packed);
  const size = writer.offset - start;
  return {
    file_offset: BigInt(start),
    meta_data: {
      type,
      encodings: dictionary ? ["PLAIN", encoding] : [encoding],
      path_in_schema: [...path],
      codec: codec ?? "UNCOMPRESSED",
      num_values: BigInt(values),
      total_uncompressed_size: BigInt(size - packed.length + body.length),
      total_compressed_size: BigInt(size),
      data_page_offset: BigInt(dataStart),
      dictionary_page_offset: dictionary ? BigInt(start) : undefined,
      statistics,
    },
  };
}

function deflated(body: Uint8Array): Uint8Array {
  const bytes = gzipSync(body, { level: 1, strategy: constants.Z_HUFFMAN_ONLY });
  // A gzip header names the operating system; here it is "unknown", so that the file is the same on all of them.
  bytes[9] = 255;
  return bytes;
}

function writeDictionary(writer: ByteWriter, words: readonly string[]): void {
  const page = new ByteWriter();
  writePlain(page, [...words], "BYTE_ARRAY", undefined);
  writePageHeader(writer, {
    type: "DICTIONARY_PAGE",
    uncompressed_page_size: page.offset,
    compressed_page_size: page.offset,
    dictionary_page_header: { num_values: words.length, encoding: "PLAIN" },
  });
  writer.appendBytes(page.getBytes());
}
