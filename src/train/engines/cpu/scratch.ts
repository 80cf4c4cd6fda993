// Memory that an op needs while it runs. It is kept from op to op and grows to what the largest one asked for; it counts as used memory.
import type { Memory } from "./memory.ts";

export interface Scratch {
  /** A place in bytes, aligned to 64; its values are whatever was there. */
  take(bytes: number): number;
  /** What is taken after a mark can be given back while the op goes on. */
  mark(): Mark;
  release(mark: Mark): void;
  /** The op is over: all places are free. */
  reset(): void;
  /** What has been taken from the memory. */
  bytes(): number;
  /** Takes so much of it now. Between ops. */
  reserve(bytes: number): void;
}

export interface Mark {
  /** Blocks there were, and the bytes left in the last. */
  readonly blocks: number;
  readonly left: number;
}

interface Block {
  readonly offset: number;
  readonly bytes: number;
}

const smallest = 2 ** 20;

export function createScratch(memory: Pick<Memory, "allocate" | "release">): Scratch {
  let blocks: Block[] = [];
  let left = 0;
  const spec = (bytes: number) => ({ name: "scratch of the CPU engine", shape: [bytes], storage: "u8" }) as const;
  const add = (bytes: number): void => {
    blocks.push({ offset: memory.allocate(spec(bytes)), bytes });
    left = bytes;
  };
  const total = (): number => blocks.reduce((sum, block) => sum + block.bytes, 0);
  return {
    bytes: total,
    reserve(bytes) {
      const more = Math.ceil((bytes - total()) / 64) * 64;
      if (more > 0) add(more);
      this.reset();
    },
    take(wanted) {
      const bytes = Math.ceil(wanted / 64) * 64;
      if (bytes > left) add(Math.max(bytes, smallest));
      const { offset, bytes: size } = blocks[blocks.length - 1];
      const at = offset + size - left;
      left -= bytes;
      return at;
    },
    mark: () => ({ blocks: blocks.length, left }),
    release(mark) {
      // A block added since then is kept: what is taken next is the same again.
      left = mark.blocks === blocks.length ? mark.left : blocks[blocks.length - 1].bytes;
    },
    reset() {
      if (blocks.length > 1) {
        // One block of them all, so that the next op like this one finds its memory in one piece.
        const bytes = total();
        for (const block of blocks) memory.release(block.offset, spec(block.bytes));
        blocks = [];
        left = 0;
        try {
          add(bytes);
        } catch {
          // Memory is short: blocks are made as they are needed.
        }
      }
      left = blocks.length > 0 ? blocks[0].bytes : 0;
    },
  };
}
