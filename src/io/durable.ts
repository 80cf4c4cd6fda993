// Makes written files durable while other work goes on: what is on the disk survives a power cut.
import { open } from "node:fs/promises";
import { diskError } from "./system-error.ts";

/** Files at once: more do not make a disk faster. */
const lanes = 2;

export class DurableFiles {
  private readonly waiting: string[] = [];
  private readonly running = new Set<Promise<void>>();
  private failure: unknown;

  /** The file is made durable as soon as there is time. */
  add(path: string): void {
    this.waiting.push(path);
    if (this.running.size >= lanes) return;
    const lane: Promise<void> = this.work()
      .catch((error: unknown) => void (this.failure ??= error))
      .finally(() => this.running.delete(lane));
    this.running.add(lane);
  }

  /** Ends when all files added are on the disk; throws where one cannot be brought there. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
    if (this.failure !== undefined) throw this.failure;
  }

  private async work(): Promise<void> {
    for (let path = this.waiting.shift(); path !== undefined; path = this.waiting.shift()) {
      try {
        const file = await open(path, "r+");
        try {
          await file.datasync();
        } finally {
          await file.close();
        }
      } catch (error) {
        throw diskError(path, error);
      }
    }
  }
}
