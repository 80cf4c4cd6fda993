// Which tensors there are, and the bytes they take: WebGPU tells of full memory only afterwards. A buffer a tensor, padded to whole vectors of
// four f32; several where one may not be that large. Knows no device: buffers are made by whoever is asked for them. Sizes are bytes.
import { bytesOf, lengthOf, OutOfMemory, type Storage, type Tensor, type TensorSpec } from "../../engine.ts";
import { type Piece, rowsOfPieces } from "./pieces.ts";
import type { Place } from "./recorder.ts";

export interface GpuTensor extends Tensor {
  /** Where it lies. A tensor in pieces has no place: asking for it throws an OutOfMemory. */
  readonly place: Place;
  /** In order; undefined where the tensor is whole. */
  readonly pieces?: readonly Piece[];
}

export interface Memory {
  /** Zeros. Throws an OutOfMemory. */
  allocate(spec: TensorSpec): GpuTensor;
  release(tensor: GpuTensor): void;
  /** Memory that an op works in and leaves: the same place for the same name, grown where it is too small. Holds rubbish, and is never in pieces. */
  scratch(name: string, length: number, storage?: Storage): GpuTensor;
  /** What there is of it. */
  scratches(): readonly { readonly name: string; readonly length: number; readonly storage: Storage }[];
  used(): { readonly bytes: number; readonly peak: number };
  readonly totalBytes: number;
  readonly tensorBytes: number;
}

export interface MemoryOptions {
  /** Makes a buffer of zeros. */
  readonly open: (spec: TensorSpec, bytes: number) => Place;
  readonly drop: (place: Place) => void;
  /** Of all buffers together, where the machine says so. */
  readonly totalBytes: number;
  /** A buffer may have. */
  readonly tensorBytes: number;
}

const vectorBytes = 16;

export function createMemory({ open, drop, totalBytes, tensorBytes }: MemoryOptions): Memory {
  const scratches = new Map<string, GpuTensor & { readonly purpose: string }>();
  let used = 0;
  let peak = 0;

  const refuse = (spec: TensorSpec): never => {
    throw new OutOfMemory("the webgpu engine", spec, { left: Math.min(tensorBytes, totalBytes - used), granted: used });
  };
  const allocateWhole = (spec: TensorSpec): GpuTensor => {
    const bytes = Math.max(vectorBytes, Math.ceil(bytesOf(spec) / vectorBytes) * vectorBytes);
    if (bytes > tensorBytes || used + bytes > totalBytes) refuse(spec);
    const place = open(spec, bytes);
    used += bytes;
    peak = Math.max(peak, used);
    return { ...spec, length: lengthOf(spec.shape), place };
  };
  const release = (tensor: GpuTensor): void => {
    if (tensor.pieces) return tensor.pieces.forEach((piece) => release(piece.tensor));
    used -= tensor.place.bytes;
    drop(tensor.place);
  };
  const allocateInPieces = (spec: TensorSpec, rowsEach: number): GpuTensor => {
    const [rows, ...rest] = spec.shape;
    // All of it or nothing.
    if (rowsEach < 1 || used + bytesOf(spec) > totalBytes) refuse(spec);
    const pieces: Piece[] = [];
    for (let firstRow = 0; firstRow < rows; firstRow += rowsEach) {
      const count = Math.min(rowsEach, rows - firstRow);
      const name = `${spec.name}, rows from ${firstRow} on`;
      pieces.push({ tensor: allocateWhole({ ...spec, name, shape: [count, ...rest] }), firstRow, rows: count });
    }
    return {
      ...spec,
      length: lengthOf(spec.shape),
      pieces,
      get place() {
        return refuse(spec);
      },
    };
  };

  return {
    allocate(spec) {
      const rows = rowsOfPieces(spec.shape, spec.storage, tensorBytes);
      return rows === undefined ? allocateWhole(spec) : allocateInPieces(spec, rows);
    },
    release,
    scratch(purpose, length, storage = "f32") {
      const key = `${purpose} ${storage}`;
      const found = scratches.get(key);
      if (found && found.length >= length) return found;
      if (found) release(found);
      scratches.delete(key);
      const made = { ...allocateWhole({ name: `scratch for ${purpose}`, shape: [length], storage }), purpose };
      scratches.set(key, made);
      return made;
    },
    scratches: () => [...scratches.values()].map(({ purpose: name, length, storage }) => ({ name, length, storage })),
    used: () => ({ bytes: used, peak }),
    totalBytes,
    tensorBytes,
  };
}

/** Of one buffer that a kernel uses: less than the limit, because Dawn adds a few bytes, which drivers then refuse. */
export function tensorBytesOf({ maxBufferSize, maxStorageBufferBindingSize }: GPUSupportedLimits): number {
  return Math.floor((Math.min(maxBufferSize, maxStorageBufferBindingSize) - 1) / vectorBytes) * vectorBytes;
}

export function checkRange({ name, length }: Tensor, from: number, to: number): void {
  if (from < 0 || to < from || to > length) throw new RangeError(`values ${from} to ${to} of ${name}, which has ${length}`);
}
