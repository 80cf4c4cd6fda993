// Runs kernels on the calling thread and on threads of its own, which wait inside WebAssembly. Knows jobs, not what they compute.
// The other side is assembly/job.ts and assembly/kernel.ts.
import { wasmBytes } from "../../../core/wasm.ts";
import { Worker } from "node:worker_threads";
import type { Memory } from "./memory.ts";
import { wasm as plain } from "./kernel.wasm.ts";
import { wasm as relaxed } from "./kernel-relaxed.wasm.ts";
import { hasRelaxedSimd } from "./relaxed-simd.ts";

/** Page 0 of the memory, in bytes; as in assembly/job.ts. */
const jobAt = 32768 + 192;
/** A thread's own memory: a copy of the job, then blocks of factors and products (heads of 256 need the most, in attention's backward pass). */
const threadBytes = 512 * 1024;
/** Nanoseconds of work below which waking other threads does not pay. */
const worthSharing = 20_000;
/** Milliseconds that a thread may take to end. */
const threadPatience = 5000;

export interface Job {
  /** A name of `kernels`. */
  readonly kernel: Kernel;
  /** Parts that are computed independently, in any order, by any thread. */
  readonly chunks: number;
  /** A guess at the nanoseconds one thread needs. */
  readonly work: number;
  /** Pointers (bytes), sizes, flags: u32, at most 28. */
  readonly integers: readonly number[];
  /** f32, at most 16. */
  readonly floats?: readonly number[];
}

/** Names as assembly/kernel.ts exports them. */
export const kernels = [
  "PACK_B",
  "MULTIPLY",
  "DOTS",
  "ADD_BIAS",
  "COLUMN_SUMS",
  "ADD_PARTS",
  "ATTEND",
  "ATTEND_BACKWARD",
  "SWIGLU",
  "SWIGLU_BACKWARD",
  "ADAMW",
  "SQUARES",
  "CLEAR",
  "COPY",
  "DROPOUT",
  "DEQUANTIZE",
  "WIDEN_BF16",
  "NARROW_BF16",
  "GATHER",
  "SCATTER_ADD",
  "ADD_RMS_NORM",
  "RMS_NORM_BACKWARD",
  "NORM_ROPE",
  "NORM_ROPE_BACKWARD",
  "CROSS_ENTROPY",
] as const;
export type Kernel = (typeof kernels)[number];

export interface Pool {
  readonly threads: number;
  /** Whether products are fused multiply-adds. */
  readonly relaxed: boolean;
  /** Returns when the job is done. Throws where a thread was lost; the pool cannot be used after that. */
  run(job: Job): void;
  close(): Promise<void>;
}

/** What a thread is started with. */
export interface ThreadData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Where its own memory lies. */
  readonly own: number;
}

/** What a thread tells: that it is about to wait for jobs, or the error that ended it. */
export type ThreadMessage = "ready" | { readonly lost: string };

interface Exports {
  run(helpers: number, scratch: number): number;
  end(state: number): void;
}

const stopped = 1;
const failed = 2;

export async function createPool(memory: Memory, threads: number, options: { readonly relaxed: boolean }): Promise<Pool> {
  const withRelaxed = options.relaxed && hasRelaxedSimd();
  const module = await WebAssembly.compile(wasmBytes(withRelaxed ? relaxed : plain));
  const instance = await WebAssembly.instantiate(module, { env: { memory: memory.memory, abort } });
  const exports = instance.exports as unknown as Exports;
  const numbers = Object.fromEntries(
    kernels.map((name) => [name, (instance.exports[name] as WebAssembly.Global).value as number]),
  ) as Record<Kernel, number>;
  const ownMemory = (thread: number): number =>
    memory.allocate({ name: `memory of thread ${thread}`, shape: [threadBytes], storage: "u8" });
  const scratch = ownMemory(0);
  const words = memory.words(jobAt, 48);
  const integers = words.subarray(4, 32);
  const floats = memory.floats(jobAt + 128, 16);
  let lost: Error | undefined;
  let open = true;
  const fail = (error: Error): void => {
    lost ??= error;
    if (open) exports.end(failed);
  };
  const workers = await Promise.all(
    Array.from({ length: threads - 1 }, (_, i) => {
      const data: ThreadData = { module, memory: memory.memory, own: ownMemory(i + 1) };
      return startThread(data, fail);
    }),
  );

  return {
    threads,
    relaxed: withRelaxed,
    run({ kernel, chunks, work, integers: given, floats: givenFloats }) {
      if (lost) throw new Error(`a thread of the CPU engine was lost: ${lost.message}`, { cause: lost });
      if (!open) throw new Error("the CPU engine is closed");
      if (chunks === 0) return;
      words[0] = numbers[kernel];
      words[1] = chunks;
      for (let i = 0; i < given.length; i++) integers[i] = given[i];
      if (givenFloats) for (let i = 0; i < givenFloats.length; i++) floats[i] = givenFloats[i];
      const helpers = work < worthSharing ? 0 : Math.min(workers.length, chunks - 1);
      let end = 1;
      try {
        end = exports.run(helpers, scratch);
      } catch (error) {
        fail(error as Error);
        throw error;
      }
      if (end === 0) return;
      fail(new Error(`it stopped in ${kernel}`));
      throw new Error(`a thread of the CPU engine was lost in ${kernel}`);
    },
    async close() {
      open = false;
      exports.end(stopped);
      await Promise.all(workers.map(endThread));
    },
  };
}

/** Resolves when the thread is about to wait for jobs. It does not keep the process alive. */
function startThread(data: ThreadData, fail: (error: Error) => void): Promise<Worker> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: data, execArgv: [] });
    worker.on("message", (message: ThreadMessage) => {
      if (message !== "ready") return fail(new Error(message.lost));
      worker.unref();
      resolve(worker);
    });
    worker.on("error", (error) => {
      fail(error);
      reject(error);
    });
  });
}

/** A thread that was told to end does so by itself, at once; one that is stuck in a kernel is stopped. */
async function endThread(worker: Worker): Promise<void> {
  // -1: it has ended.
  if (worker.threadId === -1) return;
  const patience = setTimeout(() => void worker.terminate(), threadPatience);
  worker.ref();
  await new Promise((resolve) => worker.once("exit", resolve));
  clearTimeout(patience);
}

function abort(): never {
  throw new Error("a kernel of the CPU engine stopped");
}
