// A thread of the CPU engine: waits for jobs inside WebAssembly until the engine closes. A crash is told to the others, then thrown.
import { parentPort, workerData } from "node:worker_threads";
import type { ThreadData } from "./pool.ts";

const { module, memory, own } = workerData as ThreadData;
const exports = new WebAssembly.Instance(module, { env: { memory, abort } }).exports as unknown as {
  work(own: number): void;
  end(state: number): void;
};
const failed = 2;

parentPort?.postMessage("ready");
try {
  exports.work(own);
} catch (error) {
  exports.end(failed);
  throw error;
}

function abort(): never {
  throw new Error("a kernel of the CPU engine stopped");
}
