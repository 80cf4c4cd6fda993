// The engine's memory: one shared WebAssembly.Memory, cut into places. It grows as it fills and never moves. Offsets and sizes are bytes.
import { bytesOf, OutOfMemory, type TensorSpec } from "../../engine.ts";

const pageBytes = 65536;
const mostPages = 65536;
/** The module's constants, and what threads talk through. */
const reserved = pageBytes;
const alignment = 64;
/** Grown by at least so much at once. */
const growth = 16 * 2 ** 20;

export interface Memory {
  readonly memory: WebAssembly.Memory;
  /** Bytes that all places together may take. */
  readonly totalBytes: number;
  /** A place of zeros, aligned to 64 bytes. Throws OutOfMemory. */
  allocate(spec: TensorSpec): number;
  release(offset: number, spec: TensorSpec): void;
  floats(offset: number, length: number): Float32Array;
  doubles(offset: number, length: number): Float64Array;
  words(offset: number, length: number): Uint32Array;
  bytes(offset: number, length: number): Uint8Array;
  used(): { readonly bytes: number; readonly peak: number };
}

interface Gap {
  readonly from: number;
  readonly to: number;
}

export function createMemory(): Memory {
  const memory = createShared();
  /** Free places below `end`, by offset; no two touch. */
  const gaps: Gap[] = [];
  const totalBytes = memory.most * pageBytes - reserved;
  const limit = reserved + totalBytes;
  let end = reserved;
  let used = 0;
  let peak = 0;

  const place = (spec: TensorSpec): number => {
    const size = rounded(bytesOf(spec));
    let best = -1;
    gaps.forEach(({ from, to }, i) => {
      if (to - from >= size && (best < 0 || to - from < gaps[best].to - gaps[best].from)) best = i;
    });
    if (best >= 0) {
      const { from, to } = gaps[best];
      if (to - from === size) gaps.splice(best, 1);
      else gaps[best] = { from: from + size, to };
      new Uint8Array(memory.shared.buffer, from, size).fill(0);
      return from;
    }
    const from = end;
    if (from + size > limit || !grow(from + size))
      throw new OutOfMemory("the cpu engine", spec, { left: totalBytes - used, granted: used });
    end = from + size;
    return from;
  };
  const grow = (to: number): boolean => {
    const have = memory.shared.buffer.byteLength;
    if (to <= have) return true;
    for (const more of [Math.max(to - have, growth), to - have]) {
      const pages = Math.min(Math.ceil(more / pageBytes), memory.most - have / pageBytes);
      if (have + pages * pageBytes < to) continue;
      try {
        memory.shared.grow(pages);
        return true;
      } catch {
        // The machine has less than that; the exact size may still fit.
      }
    }
    return false;
  };

  return {
    memory: memory.shared,
    totalBytes,
    allocate(spec) {
      const offset = place(spec);
      used += rounded(bytesOf(spec));
      peak = Math.max(peak, used);
      return offset;
    },
    release(offset, spec) {
      const size = rounded(bytesOf(spec));
      used -= size;
      if (size === 0) return;
      let at = gaps.findIndex(({ from }) => from > offset);
      if (at < 0) at = gaps.length;
      let gap = { from: offset, to: offset + size };
      if (at < gaps.length && gaps[at].from === gap.to) gap = { from: gap.from, to: gaps.splice(at, 1)[0].to };
      if (at > 0 && gaps[at - 1].to === gap.from) gap = { from: gaps.splice(--at, 1)[0].from, to: gap.to };
      gaps.splice(at, 0, gap);
    },
    floats: (offset, length) => new Float32Array(memory.shared.buffer, offset, length),
    doubles: (offset, length) => new Float64Array(memory.shared.buffer, offset, length),
    words: (offset, length) => new Uint32Array(memory.shared.buffer, offset, length),
    bytes: (offset, length) => new Uint8Array(memory.shared.buffer, offset, length),
    used: () => ({ bytes: used, peak }),
  };
}

/** Memory that is only counted: places are of no use, views are zeros of their own. used: bytes taken before. */
export function countMemory(used: number): Omit<Memory, "memory" | "totalBytes"> {
  let bytes = used;
  let peak = used;
  let end = reserved;
  return {
    allocate(spec) {
      const offset = end;
      end += rounded(bytesOf(spec));
      bytes += rounded(bytesOf(spec));
      peak = Math.max(peak, bytes);
      return offset;
    },
    release(_, spec) {
      bytes -= rounded(bytesOf(spec));
    },
    floats: (_, length) => new Float32Array(length),
    doubles: (_, length) => new Float64Array(length),
    words: (_, length) => new Uint32Array(length),
    bytes: (_, length) => new Uint8Array(length),
    used: () => ({ bytes, peak }),
  };
}

function rounded(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** Address space for 4 GiB is only set aside; where even that is refused, for less. */
function createShared(): { readonly shared: WebAssembly.Memory; readonly most: number } {
  for (let most = mostPages; ; most /= 2) {
    try {
      return { shared: new WebAssembly.Memory({ initial: 16, maximum: most, shared: true }), most };
    } catch (error) {
      if (most <= 1024) throw error;
    }
  }
}
