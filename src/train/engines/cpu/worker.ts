// A thread of the CPU engine: waits for jobs inside WebAssembly until the engine closes. A crash is told to all other threads.
import { parentPort, workerData } from "node:worker_threads";
import type { ThreadData, ThreadMessage } from "./pool.ts";

const { module, memory, own } = workerData as ThreadData;
const exports = new WebAssembly.Instance(module, { env: { memory, abort } }).exports as unknown as {
  work(own: number): void;
  end(state: number): void;
};
const failed = 2;

const tell = (message: ThreadMessage): void => parentPort?.postMessage(message);

tell("ready");
try {
  exports.work(own);
} catch (error) {
  exports.end(failed);
  // Not thrown: an error that nobody catches in a thread, and the thread stopped at that moment, end the whole process on Node 20.
  tell({ lost: String(error) });
}

function abort(): never {
  throw new Error("a kernel of the CPU engine stopped");
}
