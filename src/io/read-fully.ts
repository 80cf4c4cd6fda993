// Fills a buffer from a place in an open file; work files that end early are torn.
import { readSync } from "node:fs";

/** Reads into.length bytes from `position`. */
export function readFully(descriptor: number, into: Uint8Array, position: number, path: string): void {
  for (let done = 0; done < into.length;) {
    const read = readSync(descriptor, into, done, into.length - done, position + done);
    if (read === 0) throw new Error(`${path} ends at byte ${position + done}, ${into.length - done} bytes early`);
    done += read;
  }
}
