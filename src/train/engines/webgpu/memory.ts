// Tensors in the device's memory, and values on their way in and out. A buffer a tensor, padded to whole vectors of four f32; what a buffer
// holds is counted here, because WebGPU tells of full memory only afterwards. Sizes are bytes.
import { bytesOf, lengthOf, OutOfMemory, type Storage, storages, type Tensor, type TensorSpec, type Values } from "../../engine.ts";
import { mapForReading, usage } from "./flags.ts";
import { patchKernel } from "./kernels/elementwise.ts";
import type { Place, Recorder } from "./recorder.ts";
import { packHalves, unpackHalves } from "./round.ts";

export interface GpuTensor extends Tensor {
  readonly place: Place;
}

export interface Memory {
  allocate(spec: TensorSpec): GpuTensor;
  release(tensor: GpuTensor): void;
  write(tensor: GpuTensor, values: Values, from: number): void;
  read(tensor: GpuTensor, from: number, to: number): Promise<Values>;
  /** Memory that an op works in and leaves: the same place for the same name, grown where it is too small. Holds rubbish. */
  scratch(name: string, length: number, storage?: Storage): GpuTensor;
  /** Whether all allocations so far were granted is known, and told. */
  settled(): Promise<unknown>;
  used(): { readonly bytes: number; readonly peak: number };
  readonly totalBytes: number;
  readonly tensorBytes: number;
}

export interface MemoryOptions {
  readonly device: GPUDevice;
  readonly recorder: Recorder;
  /** Bytes of all buffers together, where the machine says so. */
  readonly totalBytes: number;
  /** Told of an allocation that the device refused after all. */
  readonly refused: (spec: TensorSpec) => void;
}

const vectorBytes = 16;
const writeBytes = 64 * 2 ** 20;

export function createMemory({ device, recorder, totalBytes, refused }: MemoryOptions): Memory {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const tensorBytes = Math.floor(Math.min(maxBufferSize, maxStorageBufferBindingSize) / vectorBytes) * vectorBytes;
  const scratches = new Map<string, GpuTensor>();
  /** Allocations whose answer is on its way. */
  const asked = new Set<Promise<void>>();
  let unsent = 0;
  let ids = 0;
  let used = 0;
  let peak = 0;

  const allocate = (spec: TensorSpec): GpuTensor => {
    const bytes = Math.max(vectorBytes, Math.ceil(bytesOf(spec) / vectorBytes) * vectorBytes);
    if (bytes > tensorBytes) throw new OutOfMemory(spec, Math.min(tensorBytes, totalBytes - used));
    if (used + bytes > totalBytes) throw new OutOfMemory(spec, totalBytes - used);
    device.pushErrorScope("out-of-memory");
    const buffer = device.createBuffer({ label: spec.name, size: bytes, usage: usage.storage | usage.copyFrom | usage.copyTo });
    // A lost device has no scopes; that it is lost is told elsewhere.
    const answer: Promise<void> = device
      .popErrorScope()
      .then(
        (error) => void (error && refused(spec)),
        () => {},
      )
      .finally(() => asked.delete(answer));
    asked.add(answer);
    used += bytes;
    peak = Math.max(peak, used);
    return { ...spec, length: lengthOf(spec.shape), place: { id: ids++, buffer, bytes, used: 0, groups: new Set() } };
  };
  const release = ({ place }: GpuTensor): void => {
    used -= place.bytes;
    recorder.drop(place);
  };
  /** Bytes of a word, from a byte of it on. */
  const patch = (tensor: GpuTensor, byte: number, bytes: Uint8Array): void => {
    const word = new Uint32Array(2);
    const shift = byte % 4;
    new Uint8Array(word.buffer).set(bytes, shift);
    new Uint8Array(word.buffer, 4).fill(255, shift, shift + bytes.length);
    recorder.run(patchKernel, { buffers: { x: tensor }, params: { at: (byte - shift) / 4, bits: word[0], mask: word[1] }, groups: [1] });
  };

  return {
    allocate,
    release,
    write(tensor, values, from) {
      checkRange(tensor, from, from + values.length);
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
    },
    async read(tensor, from, to) {
      checkRange(tensor, from, to);
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
    },
    scratch(name, length, storage = "f32") {
      const key = `${name} ${storage}`;
      const found = scratches.get(key);
      if (found && found.length >= length) return found;
      if (found) release(found);
      scratches.delete(key);
      const made = allocate({ name: `scratch for ${name}`, shape: [length], storage });
      scratches.set(key, made);
      return made;
    },
    settled: () => Promise.all(asked),
    used: () => ({ bytes: used, peak }),
    totalBytes,
    tensorBytes,
  };
}

function checkRange({ name, length }: GpuTensor, from: number, to: number): void {
  if (from < 0 || to < from || to > length) throw new RangeError(`values ${from} to ${to} of ${name}, which has ${length}`);
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

function valuesOf(bytes: Uint8Array, storage: Storage): Values {
  const own = bytes.slice().buffer as ArrayBuffer;
  if (storage === "bf16" || storage === "f16") return unpackHalves(new Uint16Array(own), storage);
  if (storage === "u32") return new Uint32Array(own);
  return storage === "u8" ? new Uint8Array(own) : new Float32Array(own);
}
