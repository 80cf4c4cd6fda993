// Reads tensors of one safetensors file or of a model in several (shards with an index), a range at a time: a piece of pieceBytes beside
// the returned array is all that is held. Files stay open until close().
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { dataError, nearest, recipeError, type SluiceError } from "../core/errors.ts";
import { bf16ToF32, f16ToF32 } from "./half-floats.ts";
import {
  cutOff,
  headerLength,
  isObject,
  lengthBytes,
  parseHeader,
  type PlacedEntry,
  type TensorEntry,
  wrong,
} from "./safetensors-header.ts";

export interface TensorFiles {
  /** In the order of their bytes, shard by shard. */
  readonly names: readonly string[];
  /** Of the files' headers, e.g. `format: "pt"`. */
  readonly metadata: Readonly<Record<string, string>>;
  has(name: string): boolean;
  entry(name: string): TensorEntry;
  /** Elements [from, to) of an F32, F16, BF16 or F64 tensor, row-major; all of it by default. */
  readFloats(name: string, from?: number, to?: number): Promise<Float32Array>;
  /** Bytes [from, to) of a tensor of any dtype, as stored. */
  readBytes(name: string, from?: number, to?: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

const pieceBytes = 1 << 20;
/** How a model's files are named, in the order in which they are looked for. */
const folderNames = ["model.safetensors", "model.safetensors.index.json", "adapter_model.safetensors"] as const;

interface OpenFile {
  readonly handle: FileHandle;
  readonly entries: readonly PlacedEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Opens a .safetensors file, an index of shards (model.safetensors.index.json), or a folder that holds either. */
export async function openSafetensors(path: string): Promise<TensorFiles> {
  const file = findSafetensors(path);
  const index = file.endsWith(".json") ? readShardIndex(file) : undefined;
  if (index) checkShards(index);
  const opened = new Map<string, OpenFile>();
  const close = async (): Promise<void> => void (await Promise.all([...opened.values()].map(({ handle }) => handle.close())));
  try {
    for (const each of index?.shards ?? [file]) opened.set(each, await openFile(each));
    const entries = index ? indexedEntries(index, opened) : opened.get(file)!.entries;
    return tensorFiles({ path: file, entries, opened, close });
  } catch (error) {
    await close();
    throw error;
  }
}

interface Opened {
  readonly path: string;
  readonly entries: readonly PlacedEntry[];
  readonly opened: ReadonlyMap<string, OpenFile>;
  readonly close: () => Promise<void>;
}

function tensorFiles({ path, entries, opened, close }: Opened): TensorFiles {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const placed = (name: string): PlacedEntry => {
    const entry = byName.get(name);
    if (entry) return entry;
    const near = nearest(name, byName.keys());
    const found = `no such tensor among ${byName.size}${near === undefined ? "" : `; the nearest name is ${near}`}`;
    throw dataError({ where: path, expected: `a tensor ${name}`, found, fix: "check that the file belongs to this model" });
  };
  return {
    names: [...byName.keys()],
    metadata: Object.assign({}, ...[...opened.values()].map(({ metadata }) => metadata)) as Record<string, string>,
    has: (name) => byName.has(name),
    entry(name) {
      const { dtype, shape, file } = placed(name);
      return { name, dtype, shape, file };
    },
    async readFloats(name, from = 0, to = placed(name).length) {
      const entry = placed(name);
      const decode = decoders[entry.dtype];
      if (!decode) throw wrongDtype(entry);
      checkRange(entry, from, to, entry.length);
      const values = allocated(entry, () => new Float32Array(to - from));
      await decode(opened.get(entry.file)!.handle, entry, from, values);
      return values;
    },
    async readBytes(name, from = 0, to = placed(name).end - placed(name).start) {
      const entry = placed(name);
      checkRange(entry, from, to, entry.end - entry.start);
      const bytes = allocated(entry, () => new Uint8Array(to - from));
      await fill(opened.get(entry.file)!.handle, entry.file, entry.start + from, bytes);
      return bytes;
    },
    close,
  };
}

function checkRange({ name }: TensorEntry, from: number, to: number, length: number): void {
  if (!(Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from <= to && to <= length)) {
    throw new RangeError(`${name}: no range [${from}, ${to}) in ${length} elements`);
  }
}

function allocated<T>({ file, name, shape }: TensorEntry, allocate: () => T): T {
  try {
    return allocate();
  } catch {
    const found = `[${shape.join(", ")}] in one piece is more than this machine or this version of Node.js gives`;
    throw dataError({ where: `${file}, tensor ${name}`, expected: "memory for the tensor", found, fix: "use a machine with more memory" });
  }
}

function wrongDtype({ file, name, dtype }: TensorEntry): SluiceError {
  return dataError({
    where: `${file}, tensor ${name}`,
    expected: `floats: ${Object.keys(decoders).join(", ")}`,
    found: dtype,
    fix: "use a model with weights of these types; 8-bit and 4-bit weights have to be unpacked first",
  });
}

/** Reads elements of one dtype from `from` on until `into` is full. */
type Decode = (handle: FileHandle, entry: PlacedEntry, from: number, into: Float32Array) => Promise<void>;

/** f32 is read in place; the others go through a piece and a loop. All are little-endian, as are the machines Node.js runs on. */
const decoders: Readonly<Record<string, Decode | undefined>> = {
  F32: (handle, entry, from, into) => fill(handle, entry.file, entry.start + from * 4, new Uint8Array(into.buffer)),
  F16: byPieces(2, (piece, into) => f16ToF32(new Uint16Array(piece), into)),
  BF16: byPieces(2, (piece, into) => bf16ToF32(new Uint16Array(piece), into)),
  F64: byPieces(8, (piece, into) => into.set(new Float64Array(piece, 0, into.length))),
};

function byPieces(elementBytes: number, convert: (piece: ArrayBuffer, into: Float32Array) => void): Decode {
  return async (handle, entry, from, into) => {
    const elements = pieceBytes / elementBytes;
    let piece = new ArrayBuffer(Math.min(elements, into.length) * elementBytes);
    for (let done = 0; done < into.length; done += elements) {
      const part = into.subarray(done, done + elements);
      if (piece.byteLength !== part.length * elementBytes) piece = new ArrayBuffer(part.length * elementBytes);
      await fill(handle, entry.file, entry.start + (from + done) * elementBytes, new Uint8Array(piece));
      convert(piece, part);
    }
  };
}

/** Fills `into` from a place in the file. */
export async function fill(handle: FileHandle, file: string, position: number, into: Uint8Array): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await handle.read(into, done, Math.min(pieceBytes, into.length - done), position + done);
    if (bytesRead === 0) throw cutOff(file, position + into.length, position + done);
    done += bytesRead;
  }
}

async function openFile(path: string): Promise<OpenFile> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const head = new Uint8Array(Math.min(size, 64));
    await fill(handle, path, 0, head);
    const header = new Uint8Array(headerLength(path, head, size));
    await fill(handle, path, lengthBytes, header);
    return { handle, ...parseHeader(path, header, size) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

export interface ShardIndex {
  readonly path: string;
  /** Tensor name to the path of its shard. */
  readonly shardOf: ReadonlyMap<string, string>;
  /** Paths, in the order of their names; they may be missing. */
  readonly shards: readonly string[];
}

export function readShardIndex(path: string): ShardIndex {
  const expected = 'an index of shards: { "weight_map": { tensor: file } }';
  const refused = (found: string): SluiceError => dataError({ where: path, expected, found, fix: "download it again" });
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw refused(`not JSON: ${(error as Error).message}`);
  }
  const map = isObject(value) ? value["weight_map"] : undefined;
  if (!isObject(map)) throw refused("no weight_map");
  const shardOf = new Map<string, string>();
  for (const [name, shard] of Object.entries(map)) {
    // A shard lies beside its index: an index from the network must not name any other file.
    if (typeof shard !== "string" || basename(shard) !== shard || !shard.endsWith(".safetensors")) {
      throw refused(`${name} in ${JSON.stringify(shard)}, which is no safetensors file beside the index`);
    }
    shardOf.set(name, join(dirname(path), shard));
  }
  return { path, shardOf, shards: [...new Set(shardOf.values())].sort() };
}

function checkShards({ path, shards }: ShardIndex): void {
  const missing = shards.filter((shard) => !existsSync(shard)).map((shard) => basename(shard));
  if (missing.length > 0) {
    throw dataError({
      where: path,
      expected: `its ${shards.length} shards beside it`,
      found: `missing: ${missing.join(", ")}`,
      fix: "download the missing files again",
    });
  }
}

/** The tensors that the index names, each from the shard it names. */
function indexedEntries({ path, shardOf, shards }: ShardIndex, opened: ReadonlyMap<string, OpenFile>): PlacedEntry[] {
  const all = shards.flatMap((shard) => opened.get(shard)!.entries);
  const entries = all.filter(({ name, file }) => shardOf.get(name) === file);
  const found = new Set(entries.map(({ name }) => name));
  for (const [name, shard] of shardOf) {
    if (!found.has(name)) throw wrong(shard, name, `the tensor, as ${basename(path)} says`, "no such tensor in the file");
  }
  return entries;
}

/** The file or the index of shards that a path means. */
export function findSafetensors(path: string): string {
  // A file that was written in several has an index of its name.
  if (!existsSync(path) && existsSync(`${path}.index.json`)) return `${path}.index.json`;
  if (!existsSync(path)) throw notThere(path, "nothing there", "check the path");
  if (!statSync(path).isDirectory()) {
    if (isPickle(path)) throw onlyPickles(path);
    return path;
  }
  for (const name of folderNames) if (existsSync(join(path, name))) return join(path, name);
  const names = readdirSync(path).sort();
  const tensors = names.filter((name) => name.endsWith(".safetensors"));
  if (tensors.length === 1) return join(path, tensors[0]);
  if (tensors.length > 1) {
    throw notThere(
      path,
      `${tensors.length} safetensors files and no index: ${tensors.slice(0, 5).join(", ")}`,
      "name the one that is meant",
    );
  }
  const pickle = names.find(isPickle);
  if (pickle !== undefined) throw onlyPickles(join(path, pickle));
  throw notThere(path, names.length === 0 ? "an empty folder" : `other files: ${names.slice(0, 8).join(", ")}`, "check the path");
}

/** File names of weights in Python's pickle format. */
function isPickle(path: string): boolean {
  return /\.(?:bin|pt|pth|ckpt|pkl)$/.test(path);
}

/** Pickles are programs: reading one runs it. */
export function onlyPickles(path: string): SluiceError {
  return recipeError({
    where: path,
    expected: "weights as safetensors",
    found: "weights as a Python pickle only, which is not read: loading one can run any program",
    fix: "convert it once in Python: AutoModelForCausalLM.from_pretrained(FOLDER).save_pretrained(FOLDER, safe_serialization=True)",
  });
}

function notThere(path: string, found: string, fix: string): SluiceError {
  return recipeError({ where: path, expected: "model.safetensors, or model.safetensors.index.json with its shards", found, fix });
}
