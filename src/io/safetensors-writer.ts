// Writes tensors as safetensors: one at a time in memory, rounded to their dtype, whole files or none. Above a size they go to several
// files with an index, named as transformers names them. The same tensors give the same bytes.
import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { SluiceError } from "../core/errors.ts";
import { AtomicFile, writeAtomic } from "./atomic.ts";
import { f32ToBf16, f32ToF16, notFiniteFrom } from "./half-floats.ts";
import { lengthBytes } from "./safetensors-header.ts";

/** What can be written, with the bytes of an element. */
const bytesOf = { F32: 4, U32: 4, BF16: 2, F16: 2, U8: 1 } as const;
export type StoredDtype = keyof typeof bytesOf;

export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: StoredDtype;
  /** Called when it is the tensor's turn: row-major, floats for F32, BF16 and F16, integers for U8 and U32. */
  readonly values: () => Promise<Float32Array | Uint8Array | Uint32Array>;
}

export interface WriteTensorsOptions {
  /** Texts in the header; `format: "pt"`, which transformers asks for, is added. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Above this many bytes of tensors, several files and an index are written. */
  readonly maxShardBytes?: number;
  /** Throws for a value that is NaN or infinite, or would be once rounded. */
  readonly refuseNotFinite?: boolean;
}

export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** huggingface_hub's 5 GB. */
const defaultShardBytes = 5e9;
const pieceElements = 1 << 18;

/**
 * Writes `path` (which ends in .safetensors), or shards beside it and `path`.index.json. The given order is kept, but larger elements
 * come first in a file: PyTorch can only map a tensor that begins at a multiple of its element's size.
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  { metadata = {}, maxShardBytes = defaultShardBytes, refuseNotFinite = false }: WriteTensorsOptions = {},
): Promise<WrittenFile[]> {
  if (!path.endsWith(".safetensors")) throw new Error(`${path}: the name must end in .safetensors`);
  checkTensors(tensors);
  const shards = shardsOf(tensors, maxShardBytes);
  const names = shards.map((_, i) => shardName(path, i, shards.length));
  const files: AtomicFile[] = [];
  try {
    // All are written before the first gets its name: a full disk leaves what was there before.
    for (const [i, shard] of shards.entries()) {
      const file = new AtomicFile(names[i]);
      files.push(file);
      file.append(headerBytes(shard, { format: "pt", ...metadata }));
      for (const tensor of shard) await appendTensor(file, tensor, refuseNotFinite);
    }
  } catch (error) {
    for (const file of files) file.discard();
    throw error;
  }
  rmSync(indexName(path), { force: true });
  const written: WrittenFile[] = files.map((file) => ({ path: file.path, ...file.commit() }));
  if (shards.length > 1) {
    const index = indexJson(shards, names);
    written.push({ path: indexName(path), ...writeAtomic(indexName(path), index) });
  }
  removeOthers(path, names);
  return written;
}

function checkTensors(tensors: readonly TensorToWrite[]): void {
  const names = new Set<string>();
  for (const { name, shape } of tensors) {
    if (name === "__metadata__" || names.has(name)) throw new Error(`${name}: a tensor's name must be its own`);
    if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) throw new Error(`${name}: no shape: [${shape.join(", ")}]`);
    names.add(name);
  }
}

function lengthOf({ shape }: TensorToWrite): number {
  return shape.reduce((product, size) => product * size, 1);
}

function bytesFor(tensor: TensorToWrite): number {
  return lengthOf(tensor) * bytesOf[tensor.dtype];
}

/** As transformers cuts them: in order, a new file where the next tensor would not fit, and a file of its own for one that fits in none. */
function shardsOf(tensors: readonly TensorToWrite[], maxBytes: number): TensorToWrite[][] {
  const shards: TensorToWrite[][] = [];
  let shard: TensorToWrite[] = [];
  let bytes = 0;
  for (const tensor of tensors) {
    const size = bytesFor(tensor);
    if (size > maxBytes) {
      shards.push([tensor]);
      continue;
    }
    if (bytes + size > maxBytes) {
      shards.push(shard);
      [shard, bytes] = [[], 0];
    }
    shard.push(tensor);
    bytes += size;
  }
  if (shard.length > 0 || shards.length === 0) shards.push(shard);
  return shards.map((each) => each.sort((a, b) => bytesOf[b.dtype] - bytesOf[a.dtype]));
}

function headerBytes(tensors: readonly TensorToWrite[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const fields = [`"__metadata__":${JSON.stringify(metadata)}`];
  let start = 0;
  for (const tensor of tensors) {
    const end = start + bytesFor(tensor);
    fields.push(
      `${JSON.stringify(tensor.name)}:${JSON.stringify({ dtype: tensor.dtype, shape: tensor.shape, data_offsets: [start, end] })}`,
    );
    start = end;
  }
  const text = Buffer.from(`{${fields.join(",")}}`, "utf8");
  const padded = Math.ceil(text.length / 8) * 8;
  const bytes = Buffer.alloc(lengthBytes + padded, " ");
  bytes.writeBigUInt64LE(BigInt(padded));
  bytes.set(text, lengthBytes);
  return bytes;
}

async function appendTensor(file: AtomicFile, tensor: TensorToWrite, refuseNotFinite: boolean): Promise<void> {
  const { name, dtype } = tensor;
  const values = await tensor.values();
  if (values.length !== lengthOf(tensor)) {
    throw new Error(`${name}: ${values.length} values for the shape [${tensor.shape.join(", ")}]`);
  }
  if (dtype === "U8" || dtype === "U32") {
    if (!(values instanceof (dtype === "U8" ? Uint8Array : Uint32Array))) throw new Error(`${name}: values of another kind than ${dtype}`);
    appendBytes(file, values);
    return;
  }
  if (!(values instanceof Float32Array)) throw new Error(`${name}: ${dtype} is written from floats`);
  if (refuseNotFinite) checkFinite(file.path, tensor, values, notFiniteFrom[dtype]);
  if (dtype === "F32") return appendBytes(file, values);
  const convert = dtype === "F16" ? f32ToF16 : f32ToBf16;
  const codes = new Uint16Array(Math.min(pieceElements, values.length));
  for (let i = 0; i < values.length; i += pieceElements) {
    const piece = values.subarray(i, i + pieceElements);
    convert(piece, codes);
    appendBytes(file, codes.subarray(0, piece.length));
  }
}

function appendBytes(file: AtomicFile, values: Float32Array | Uint8Array | Uint16Array | Uint32Array): void {
  const pieceBytes = pieceElements * 4;
  for (let start = 0; start < values.byteLength; start += pieceBytes) {
    const length = Math.min(pieceBytes, values.byteLength - start);
    file.append(new Uint8Array(values.buffer, values.byteOffset + start, length));
  }
}

/** `limit`: the smallest magnitude that the dtype stores as infinity. */
function checkFinite(path: string, { name, dtype }: TensorToWrite, values: Float32Array, limit: number): void {
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i]) < limit) continue;
    throw new SluiceError("training", {
      where: `${path}, tensor ${name}`,
      expected: `finite values that ${dtype} can hold`,
      found: `${values[i]} at index ${i}`,
      fix: "training has diverged: lower learning_rate, or continue from an earlier checkpoint",
    });
  }
}

function shardName(path: string, i: number, count: number): string {
  if (count === 1) return path;
  const digits = (n: number): string => String(n).padStart(5, "0");
  return path.replace(/\.safetensors$/, `-${digits(i + 1)}-of-${digits(count)}.safetensors`);
}

function indexName(path: string): string {
  return `${path}.index.json`;
}

/** What Python's json.dumps(index, indent=2, sort_keys=True) gives, as far as names are ASCII. */
function indexJson(shards: readonly (readonly TensorToWrite[])[], names: readonly string[]): string {
  const shardOf = shards.flatMap((shard, i) => shard.map(({ name }) => [name, basename(names[i])] as const));
  const lines = shardOf
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, shard]) => `    ${JSON.stringify(name)}: ${JSON.stringify(shard)}`);
  const total = shards.flat().reduce((sum, tensor) => sum + bytesFor(tensor), 0);
  return `{\n  "metadata": {\n    "total_size": ${total}\n  },\n  "weight_map": {\n${lines.join(",\n")}\n  }\n}\n`;
}

/** Removes what an earlier save of another number of files left under the same name: it would be found first, or beside this one. */
function removeOthers(path: string, names: readonly string[]): void {
  const kept = new Set(names.map((name) => basename(name)));
  const stem = basename(path, ".safetensors");
  for (const name of readdirSync(dirname(path))) {
    const isOurs = name === basename(path) || (name.startsWith(stem) && /^-\d{5}-of-\d{5}\.safetensors$/.test(name.slice(stem.length)));
    if (isOurs && !kept.has(name)) rmSync(join(dirname(path), name));
  }
}
