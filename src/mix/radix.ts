// A stable sort of 32-bit values by 32-bit keys in two counting passes: linear time, 8 bytes an item of scratch.

/** Sorts keys[n] ascending and moves values[n] with them; equal keys keep their order. Both arrays are overwritten. */
export function sortByKeys(keys: Uint32Array, values: Uint32Array): void {
  const n = keys.length;
  if (values.length !== n) throw new RangeError(`keys and values must have one length, got ${n} and ${values.length}`);
  const otherKeys = new Uint32Array(n);
  const otherValues = new Uint32Array(n);
  // Small inputs would spend their time on clearing 65,536 counters.
  const bits = n < 1 << 14 ? 8 : 16;
  const ends = new Uint32Array(1 << bits);
  let from: Columns = { keys, values };
  let to: Columns = { keys: otherKeys, values: otherValues };
  for (let shift = 0; shift < 32; shift += bits) {
    pass(from, to, { shift, ends });
    [from, to] = [to, from];
  }
}

interface Columns {
  readonly keys: Uint32Array;
  readonly values: Uint32Array;
}

function pass(from: Columns, to: Columns, { shift, ends }: { readonly shift: number; readonly ends: Uint32Array }): void {
  const { keys, values } = from;
  const { keys: outKeys, values: outValues } = to;
  const mask = ends.length - 1;
  ends.fill(0);
  for (let i = 0; i < keys.length; i++) ends[(keys[i] >>> shift) & mask]++;
  let start = 0;
  for (let digit = 0; digit < ends.length; digit++) {
    const count = ends[digit];
    ends[digit] = start;
    start += count;
  }
  for (let i = 0; i < keys.length; i++) {
    const place = ends[(keys[i] >>> shift) & mask]++;
    outKeys[place] = keys[i];
    outValues[place] = values[i];
  }
}
