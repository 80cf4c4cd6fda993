// The device's buffers: made, filled and read. Sizes are bytes.
import { type Storage, storages, type TensorSpec, type Values } from "../../engine.ts";
import { mapForReading, usage } from "./flags.ts";
import { patchKernel } from "./kernels/elementwise.ts";
import { checkRange, type GpuTensor } from "./memory.ts";
import type { Place, Recorder } from "./recorder.ts";
import { packHalves, unpackHalves } from "./round.ts";

export interface Buffers {
  /** A buffer of zeros. */
  open(spec: TensorSpec, bytes: number): Place;
  write(tensor: GpuTensor, values: Values, from: number): void;
  read(tensor: GpuTensor, from: number, to: number): Promise<Values>;
  /** Resolves when it is known, and told, whether all buffers so far were granted. */
  settled(): Promise<unknown>;
  /** Whether it is not known yet. */
  waiting(): boolean;
}

export interface BuffersOptions {
  readonly device: GPUDevice;
  readonly recorder: Recorder;
  /** Told of a buffer that the device refused after all. */
  readonly refused: (spec: TensorSpec, bytes: number) => void;
}

const writeBytes = 64 * 2 ** 20;

export function createBuffers({ device, recorder, refused }: BuffersOptions): Buffers {
  /** Buffers whose answer is on its way. */
  const asked = new Set<Promise<void>>();
  let unsent = 0;
  let ids = 0;

  /** Bytes of a word, from a byte of it on. */
  const patch = (tensor: GpuTensor, byte: number, bytes: Uint8Array): void => {
    const word = new Uint32Array(2);
    const shift = byte % 4;
    new Uint8Array(word.buffer).set(bytes, shift);
    new Uint8Array(word.buffer, 4).fill(255, shift, shift + bytes.length);
    recorder.run(patchKernel, { buffers: { x: tensor }, params: { at: (byte - shift) / 4, bits: word[0], mask: word[1] }, groups: [1] });
  };
  const write = (tensor: GpuTensor, values: Values, from: number): void => {
    const bytes = stored(values, tensor.storage);
    let byte = from * storages[tensor.storage];
    let at = 0;
    // A write is done at once, before work that is only recorded: that work goes first where it uses the tensor.
    if (recorder.uses(tensor.place)) recorder.submit();
    const { length } = bytes;
    if (byte % 4 !== 0) {
      const head = Math.min(4 - (byte % 4), length);
      patch(tensor, byte, bytes.subarray(0, head));
      recorder.submit();
      at = head;
      byte += head;
    }
    const whole = Math.floor((length - at) / 4) * 4;
    for (let done = 0; done < whole; done += writeBytes) {
      const size = Math.min(writeBytes, whole - done);
      device.queue.writeBuffer(tensor.place.buffer, byte + done, bytes.buffer as ArrayBuffer, bytes.byteOffset + at + done, size);
      unsent += size;
      // What is written waits in memory of its own until something is sent: a model's weights would be there twice.
      if (unsent < writeBytes) continue;
      device.queue.submit([]);
      unsent = 0;
    }
    if (at + whole < length) patch(tensor, byte + whole, bytes.subarray(at + whole));
  };
  const read = async (tensor: GpuTensor, from: number, to: number): Promise<Values> => {
    const each = storages[tensor.storage];
    const first = Math.floor((from * each) / 4) * 4;
    const size = Math.ceil((to * each) / 4) * 4 - first;
    if (size === 0) return valuesOf(new Uint8Array(0), tensor.storage);
    const staging = device.createBuffer({ size, usage: usage.mapRead | usage.copyTo });
    try {
      recorder.copy(tensor.place, first, staging, size);
      recorder.submit();
      await staging.mapAsync(mapForReading);
      const bytes = new Uint8Array(staging.getMappedRange().slice(0));
      return valuesOf(bytes.subarray(from * each - first, to * each - first), tensor.storage);
    } finally {
      staging.destroy();
    }
  };

  return {
    open(spec, bytes) {
      device.pushErrorScope("out-of-memory");
      const buffer = device.createBuffer({ label: spec.name, size: bytes, usage: usage.storage | usage.copyFrom | usage.copyTo });
      // A lost device has no scopes; that it is lost is told elsewhere.
      const answer: Promise<void> = device
        .popErrorScope()
        .then(
          (error) => void (error && refused(spec, bytes)),
          () => {},
        )
        .finally(() => asked.delete(answer));
      asked.add(answer);
      return { id: ids++, buffer, bytes, used: 0, groups: new Set() };
    },
    write(tensor, values, from) {
      checkRange(tensor, from, from + values.length);
      for (const part of partsOf(tensor, from, from + values.length)) {
        write(part.tensor, values.subarray(part.first - from, part.first - from + part.to - part.from), part.from);
      }
    },
    async read(tensor, from, to) {
      checkRange(tensor, from, to);
      const parts = partsOf(tensor, from, to);
      if (parts.length === 1) return read(parts[0].tensor, parts[0].from, parts[0].to);
      const values = emptyValues(tensor.storage, to - from);
      // All are recorded before any is waited for, so that they are of one moment.
      const found = await Promise.all(parts.map((part) => read(part.tensor, part.from, part.to)));
      parts.forEach(({ first }, i) => values.set(found[i], first - from));
      return values;
    },
    settled: () => Promise.all(asked),
    waiting: () => asked.size > 0,
  };
}

interface Part {
  /** Whole. */
  readonly tensor: GpuTensor;
  /** Values of it. */
  readonly from: number;
  readonly to: number;
  /** The place of the first of them in all of the tensor. */
  readonly first: number;
}

function partsOf(tensor: GpuTensor, from: number, to: number): readonly Part[] {
  if (!tensor.pieces) return [{ tensor, from, to, first: from }];
  const parts: Part[] = [];
  let start = 0;
  for (const { tensor: piece } of tensor.pieces) {
    const [first, end] = [Math.max(from, start), Math.min(to, start + piece.length)];
    if (first < end) parts.push({ tensor: piece, from: first - start, to: end - start, first });
    start += piece.length;
  }
  return parts;
}

/** Values as they lie in memory. */
function stored(values: Values, storage: Storage): Uint8Array {
  if (storage === "bf16" || storage === "f16") return bytesIn(packHalves(values, storage));
  if (storage === "f32") return bytesIn(values instanceof Float32Array ? values : Float32Array.from(values));
  if (storage === "u32") return bytesIn(values instanceof Uint32Array ? values : Uint32Array.from(values));
  return bytesIn(values instanceof Uint8Array ? values : Uint8Array.from(values));
}

function bytesIn({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

function emptyValues(storage: Storage, length: number): Values {
  if (storage === "u32") return new Uint32Array(length);
  return storage === "u8" ? new Uint8Array(length) : new Float32Array(length);
}

function valuesOf(bytes: Uint8Array, storage: Storage): Values {
  const own = bytes.slice().buffer as ArrayBuffer;
  if (storage === "bf16" || storage === "f16") return unpackHalves(new Uint16Array(own), storage);
  if (storage === "u32") return new Uint32Array(own);
  return storage === "u8" ? new Uint8Array(own) : new Float32Array(own);
}
