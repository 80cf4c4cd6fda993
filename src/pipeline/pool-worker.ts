// The other end of pool.ts, in a worker thread: takes tasks from the list and answers.
import { parentPort } from "node:worker_threads";
import { SluiceError } from "../core/errors.ts";
import { systemError } from "../io/system-error.ts";
import { type Answer, type PlainError, stopList, type WorkList } from "./pool.ts";

/** Works through every list that the pool sends; `ended` is called behind each, when the main thread may be at work for a while. */
export function serveTasks<Task, Result>(runTask: (task: Task) => Promise<Result>, ended?: (tasks: readonly Task[]) => void): void {
  const answer = (message: Answer<Result>): void => parentPort?.postMessage(message);
  const workThrough = async (list: WorkList<Task>): Promise<void> => {
    const { tasks, next } = list;
    try {
      for (let number = Atomics.add(next, 0, 1); number < tasks.length; number = Atomics.add(next, 0, 1)) {
        answer({ number, result: await runTask(tasks[number]) });
      }
      answer({ ended: true });
      ended?.(tasks);
    } catch (error) {
      stopList(list);
      answer({ error: plainError(error) });
    }
  };
  parentPort?.on("message", (list: WorkList<Task>) => void workThrough(list));
}

function plainError(thrown: unknown): PlainError {
  const error = systemError(thrown);
  if (error instanceof SluiceError) return { kind: error.kind, parts: error.parts, message: error.message };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { message, stack };
}
