// Fills a buffer from a place in an open file; work files that end early are torn.
import { readSync } from "node:fs";

/** Reads `length` bytes from `position` into into[start, start + length): all of `into` unless said otherwise. */
export function readFully(
  descriptor: number,
  into: Uint8Array,
  position: number,
  path: string,
  start = 0,
  length = into.length - start,
): void {
  for (let done = 0; done < length;) {
    const read = readSync(descriptor, into, start + done, length - done, position + done);
    if (read === 0) throw new Error(`${path} ends at byte ${position + done}, ${length - done} bytes early`);
    done += read;
  }
}
