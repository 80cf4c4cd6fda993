// Worker threads that run tasks: each takes the next task when it is free. It knows nothing of what a task does.
import { Worker } from "node:worker_threads";
import { SluiceError, type ErrorKind, type ErrorParts } from "../core/errors.ts";

/** What a worker answers. Errors travel as plain data so that a user error stays one. */
export type Answer<Result> = { readonly id: number; readonly result: Result } | { readonly id: number; readonly error: PlainError };

export interface PlainError {
  /** Of a SluiceError. */
  readonly kind?: ErrorKind;
  readonly parts?: ErrorParts;
  readonly message: string;
  readonly stack?: string;
}

export interface Pool<Task, Result> {
  /** Runs all tasks, in order of starting; calls done as each ends. The first failure stops the rest and is thrown. */
  run(tasks: readonly Task[], done: (task: Task, result: Result) => void): Promise<void>;
  close(): Promise<void>;
}

export function createPool<Task, Result>(options: {
  readonly script: URL;
  readonly workers: number;
  readonly workerData: unknown;
}): Pool<Task, Result> {
  const workers: Worker[] = [];
  const start = (): Worker => {
    const worker = new Worker(options.script, { workerData: options.workerData });
    workers.push(worker);
    return worker;
  };

  async function run(tasks: readonly Task[], done: (task: Task, result: Result) => void): Promise<void> {
    let next = 0;
    let failed = false;
    const lane = async (index: number): Promise<void> => {
      while (next < tasks.length && !failed) {
        const id = next++;
        try {
          done(tasks[id], await call(workers[index] ?? start(), id, tasks[id]));
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    };
    const lanes = Array.from({ length: Math.min(options.workers, tasks.length) }, (_, index) => lane(index));
    const ends = await Promise.allSettled(lanes);
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  function call(worker: Worker, id: number, task: Task): Promise<Result> {
    return new Promise((resolve, reject) => {
      const settle = (action: () => void): void => {
        worker.off("message", onMessage);
        worker.off("error", onError);
        worker.off("exit", onExit);
        action();
      };
      const onMessage = (answer: Answer<Result>): void => {
        if ("result" in answer) settle(() => resolve(answer.result));
        else settle(() => reject(revived(answer.error)));
      };
      const onError = (error: Error): void => settle(() => reject(error));
      const onExit = (code: number): void => settle(() => reject(new Error(`a worker ended with code ${code} in the middle of a task`)));
      worker.on("message", onMessage);
      worker.on("error", onError);
      worker.on("exit", onExit);
      worker.postMessage({ id, task });
    });
  }

  return {
    run,
    close: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}

function revived(error: PlainError): Error {
  if (error.kind && error.parts) return new SluiceError(error.kind, error.parts);
  const plain = new Error(error.message);
  if (error.stack) plain.stack = error.stack;
  return plain;
}
