// Worker threads that run tasks. All of them get the whole list and take the next number from a shared counter, so that none waits for the
// main thread, which may be at work itself. It knows nothing of what a task does.
import { Worker } from "node:worker_threads";
import { SluiceError, type ErrorKind, type ErrorParts } from "../core/errors.ts";

/** A list of tasks to work through. */
export interface WorkList<Task> {
  readonly tasks: readonly Task[];
  /** next[0] is the number of the first task that nobody has taken; from tasks.length on there is nothing left to do. */
  readonly next: Int32Array;
}

/** What a worker tells: a task's result, an error that ended its work, or that the list is worked through. */
export type Answer<Result> =
  | { readonly number: number; readonly result: Result }
  /** Errors travel as plain data so that a user error stays one. */
  | { readonly error: PlainError }
  | { readonly ended: true };

export interface PlainError {
  /** Of a SluiceError. */
  readonly kind?: ErrorKind;
  readonly parts?: ErrorParts;
  readonly message: string;
  readonly stack?: string;
}

export interface Pool<Task, Result> {
  /** Starts so many workers ahead of their first tasks. */
  start(count: number): void;
  /** Runs all tasks, in order of starting; calls done as each ends. The first failure stops the rest and is thrown. */
  run(tasks: readonly Task[], done: (task: Task, result: Result) => void): Promise<void>;
  close(): Promise<void>;
}

/** As Node 20 has it; Node 24 would take twice that in every thread, 100 MB in all on two workers, and be no faster. */
const resourceLimits = { maxYoungGenerationSizeMb: 48 };

export function createPool<Task, Result>(options: {
  readonly script: URL;
  readonly workers: number;
  readonly workerData: unknown;
}): Pool<Task, Result> {
  const workers: Worker[] = [];
  /** Workers that are no more, and why. */
  const ended = new Map<Worker, Error>();
  const workerAt = (index: number): Worker => {
    if (workers[index]) return workers[index];
    const worker = new Worker(options.script, { workerData: options.workerData, resourceLimits });
    worker.on("error", (error: Error) => ended.set(worker, error));
    worker.on("exit", (code) => ended.set(worker, ended.get(worker) ?? new Error(`a worker ended with code ${code}`)));
    return (workers[index] = worker);
  };

  async function run(tasks: readonly Task[], done: (task: Task, result: Result) => void): Promise<void> {
    const list: WorkList<Task> = { tasks, next: new Int32Array(new SharedArrayBuffer(4)) };
    const failures: unknown[] = [];
    const lane = async (index: number): Promise<void> => {
      try {
        const worker = workerAt(index);
        if (ended.has(worker)) throw ended.get(worker);
        await workThrough(worker, list, (number, result: Result) => done(tasks[number], result));
      } catch (error) {
        failures.push(error);
        stopList(list);
      }
    };
    await Promise.all(Array.from({ length: Math.min(options.workers, tasks.length) }, (_, index) => lane(index)));
    if (failures.length > 0) throw failures[0];
  }

  return {
    start: (count) => {
      for (let index = 0; index < count; index++) workerAt(index);
    },
    run,
    close: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}

/** Nobody takes another task. */
export function stopList({ tasks, next }: WorkList<unknown>): void {
  Atomics.store(next, 0, tasks.length);
}

/** One worker's part of a list; ends when it takes no more tasks. */
function workThrough<Task, Result>(worker: Worker, list: WorkList<Task>, done: (number: number, result: Result) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void): void => {
      worker.off("message", onMessage);
      worker.off("error", onError);
      worker.off("exit", onExit);
      action();
    };
    const onMessage = (answer: Answer<Result>): void => {
      if ("ended" in answer) settle(resolve);
      else if ("error" in answer) settle(() => reject(revived(answer.error)));
      else {
        try {
          done(answer.number, answer.result);
        } catch (error) {
          settle(() => reject(error as Error));
        }
      }
    };
    const onError = (error: Error): void => settle(() => reject(error));
    const onExit = (code: number): void => settle(() => reject(new Error(`a worker ended with code ${code} in the middle of a task`)));
    worker.on("message", onMessage);
    worker.on("error", onError);
    worker.on("exit", onExit);
    worker.postMessage(list);
  });
}

function revived(error: PlainError): Error {
  if (error.kind && error.parts) return new SluiceError(error.kind, error.parts);
  const plain = new Error(error.message);
  if (error.stack) plain.stack = error.stack;
  return plain;
}
