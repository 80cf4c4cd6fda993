// Frees what nobody holds any more, before V8 would. Large arrays lie outside the heap, where they press little on its garbage collector,
// and a main thread that waits for workers does not run it: what a step leaves would stay for the rest of the run. And a worker's heap may
// grow to three times what it needs before V8 collects it whole.
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes that a heap may grow by before it is collected. */
const growth = 96 << 20;

let collect: (() => void) | undefined;
let usedBefore = Infinity;

/** Takes some 20 ms. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
  usedBefore = getHeapStatistics().used_heap_size;
}

/** Collects where this thread's heap has grown much since the last time. */
export function boundGarbage(): void {
  const { used_heap_size: used } = getHeapStatistics();
  if (usedBefore === Infinity) usedBefore = used;
  else if (used > usedBefore + growth) collectGarbage();
}
