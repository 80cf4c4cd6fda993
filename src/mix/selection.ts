// The order in which a source's rows are taken into the mix: by a seeded hash of their content, so that it does not depend on
// the order of the input, on other sources or on how many workers ran. Then, how often each row is used.
import { mix32 } from "../core/random.ts";
import type { PlannedSource } from "./plan.ts";
import { sortByKeys } from "./radix.ts";

/** A row's 32-bit place in the selection order, from the seed and its 128-bit content hash (words[offset, offset + 4)). */
export function selectionKey(seed: number, words: ArrayLike<number>, offset = 0): number {
  let key = mix32(seed ^ 0x5e1ec7ed);
  for (let i = 0; i < 4; i++) key = mix32(Math.imul(key, 0x9e3779b1) ^ words[offset + i]);
  return key;
}

/**
 * Rows in selection order. `rows` are row numbers in id order; `hashes[4 x row]` are the rows' content hashes.
 * Rows with one key go by content hash, rows with one content by id order.
 */
export function selectionOrder(options: {
  readonly seed: number;
  readonly rows: ArrayLike<number>;
  readonly hashes: Uint32Array;
}): Uint32Array {
  const { seed, rows, hashes } = options;
  const order = Uint32Array.from(rows);
  const keys = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) keys[i] = selectionKey(seed, hashes, order[i] * 4);
  sortByKeys(keys, order);
  // The sort is stable, so a run of one key is in id order; about n^2 / 2^33 runs are longer than one by chance.
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && keys[end] === keys[start]) end++;
    if (end - start > 1) orderByContent(order.subarray(start, end), hashes);
    start = end;
  }
  return order;
}

function orderByContent(run: Uint32Array, hashes: Uint32Array): void {
  const sorted = Array.from(run).sort((a, b) => {
    for (let i = 0; i < 4; i++) {
      const difference = hashes[a * 4 + i] - hashes[b * 4 + i];
      if (difference !== 0) return difference;
    }
    return 0;
  });
  run.set(sorted);
}

/**
 * Uses of each row: times[i] belongs to order[i]. Every row gets the floor of wanted / available, and rows from the start of the order
 * one more until the wanted amount is met, so that times never differ by more than one.
 * Where the plan counts tokens, amounts[row] is a row's tokens in that unit, and what is used lies within half a row of what is wanted.
 */
export function chooseUses(options: {
  readonly plan: Pick<PlannedSource, "name" | "wanted">;
  readonly order: ArrayLike<number>;
  readonly amounts?: ArrayLike<number>;
}): Uint16Array {
  const { plan, order, amounts } = options;
  const times = new Uint16Array(order.length);
  if (plan.wanted === 0) return times;
  let available = order.length;
  if (amounts) {
    available = 0;
    for (let i = 0; i < order.length; i++) available += amounts[order[i]];
  }
  if (available === 0) throw new RangeError(`source ${plan.name}: ${plan.wanted} wanted, but its rows hold nothing to take`);
  const passes = Math.floor(plan.wanted / available);
  if (passes >= 0xffff) throw new RangeError(`source ${plan.name}: a row can be used at most 65,535 times, ${passes} wanted`);
  times.fill(passes);
  let left = plan.wanted - passes * available;
  for (let i = 0; i < order.length && left > 0; i++) {
    const amount = amounts ? amounts[order[i]] : 1;
    // The row that crosses the budget is taken where that ends nearer to it.
    if (amount > left && amount - left > left) break;
    times[i]++;
    left -= amount;
  }
  return times;
}
