// The header of a safetensors file: u64 length, then JSON of `name: { dtype, shape, data_offsets }`. Everything in it is checked before
// a tensor is believed: what is allowed is what the reference implementation allows. It knows nothing of values.
import { dataError, type SluiceError } from "../core/errors.ts";

/** Bits of an element. A dtype that is not here is of a later version of the format: listed, its size not checked. */
const bitsOf = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;
export type Dtype = keyof typeof bitsOf;

/** The reference implementation's limit of the header, bytes. */
const maxHeaderBytes = 100_000_000;
/** Of the length in front of the header. */
export const lengthBytes = 8;

export interface TensorEntry {
  readonly name: string;
  /** As written in the file; see `Dtype` for those that are known. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** The path of the file that holds it. */
  readonly file: string;
}

export interface PlacedEntry extends TensorEntry {
  /** Elements. */
  readonly length: number;
  /** Bytes from the start of the file. */
  readonly start: number;
  readonly end: number;
}

export interface Header {
  /** In the order of their bytes. */
  readonly entries: readonly PlacedEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The header's length from the first bytes of a file of `size` bytes. */
export function headerLength(file: string, head: Uint8Array, size: number): number {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString("latin1");
  if (text.startsWith("version https://git-lfs")) {
    throw dataError({
      where: file,
      expected: "a safetensors file",
      found: "a Git LFS pointer, which only names the real file",
      fix: "fetch the real file: git lfs pull, or download it from the Hub",
    });
  }
  if (size < lengthBytes) throw cutOff(file, lengthBytes, size);
  const length = Number(new DataView(head.buffer, head.byteOffset, lengthBytes).getBigUint64(0, true));
  if (length > maxHeaderBytes) {
    throw notSafetensors(file, `a header of ${length} bytes, where at most ${maxHeaderBytes} are allowed`);
  }
  if (head.length > lengthBytes && head[lengthBytes] !== 0x7b) throw notSafetensors(file, "a header that does not begin with {");
  if (lengthBytes + length > size) throw cutOff(file, lengthBytes + length, size);
  return length;
}

/** Reads and checks the header's JSON. `size` is the whole file's, in bytes. */
export function parseHeader(file: string, bytes: Uint8Array, size: number): Header {
  const fields = parseObject(file, bytes);
  const data = lengthBytes + bytes.length;
  const entries: PlacedEntry[] = [];
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === "__metadata__") metadata = parseMetadata(file, value);
    else entries.push(parseEntry(file, name, value, data));
  }
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  let end = data;
  let before = "the header";
  for (const entry of entries) {
    if (entry.start !== end) {
      const found = entry.start < end ? `it overlaps ${before} by ${end - entry.start}` : `${entry.start - end} unused bytes before it`;
      throw wrong(file, entry.name, `to begin at byte ${end - data} of the data, where ${before} ends`, `${entry.start - data}: ${found}`);
    }
    end = entry.end;
    before = entry.name;
  }
  if (end > size) throw cutOff(file, end, size);
  if (end < size) {
    throw dataError({ where: file, expected: `${end} bytes, as its header says`, found: `${size} bytes`, fix: downloadAgain });
  }
  return { entries, metadata };
}

function parseObject(file: string, bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    throw notSafetensors(file, `a header that is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(value)) throw notSafetensors(file, "a header that is not a JSON object");
  const twice = repeatedKey(text);
  if (twice !== undefined) throw wrong(file, twice, "each name once in the header", "the name twice");
  return value;
}

function parseEntry(file: string, name: string, value: unknown, data: number): PlacedEntry {
  if (!isObject(value)) throw wrong(file, name, "dtype, shape and data_offsets", JSON.stringify(value));
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string") throw wrong(file, name, "a dtype", shown(dtype));
  if (!isCounts(shape)) throw wrong(file, name, "a shape of whole numbers", shown(shape));
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw wrong(file, name, "data_offsets of two whole numbers, the second not smaller", shown(offsets));
  }
  const length = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(length)) throw wrong(file, name, "a shape whose product is below 2^53", `[${shape.join(", ")}]`);
  const bits = Object.hasOwn(bitsOf, dtype) ? bitsOf[dtype as Dtype] : undefined;
  const bytes = offsets[1] - offsets[0];
  if (bits !== undefined && length * bits !== bytes * 8) {
    throw wrong(file, name, `${(length * bits) / 8} bytes for ${dtype} [${shape.join(", ")}]`, `data_offsets of ${bytes} bytes`);
  }
  return { name, dtype, shape, file, length, start: data + offsets[0], end: data + offsets[1] };
}

function parseMetadata(file: string, value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) throw wrong(file, "__metadata__", "an object of texts", shown(value));
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") throw wrong(file, "__metadata__", `a text for ${key}`, shown(text));
  }
  return value as Readonly<Record<string, string>>;
}

/** The first key that an object of valid JSON holds twice; JSON.parse keeps the last one silently. */
function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === "{") open.push(new Set());
    else if (character === "}") open.pop();
    else if (character === '"') {
      const start = i;
      for (i++; json[i] !== '"'; i++) if (json[i] === "\\") i++;
      const end = i + 1;
      let next = end;
      while (" \t\n\r".includes(json[next] ?? "x")) next++;
      if (json[next] !== ":") continue;
      const keys = open[open.length - 1];
      const key = JSON.parse(json.slice(start, end)) as string;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && (each as number) >= 0);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

const downloadAgain = "download it again, or save the model again";

export function wrong(file: string, tensor: string, expected: string, found: string): SluiceError {
  return dataError({ where: `${file}, tensor ${tensor}`, expected, found, fix: downloadAgain });
}

export function cutOff(file: string, needed: number, size: number): SluiceError {
  return dataError({
    where: file,
    expected: "a whole safetensors file",
    found: `it is cut off: needs ${needed} bytes, has ${size}`,
    fix: "download it again",
  });
}

function notSafetensors(file: string, found: string): SluiceError {
  return dataError({
    where: file,
    expected: "a safetensors file",
    found,
    fix: "check that this is a safetensors file, and download it again if it is meant to be",
  });
}
