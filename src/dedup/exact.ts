// Groups of rows with the same 128-bit key, from the keys alone. Scratch: 8 bytes a row while rows are put in order.

/**
 * Rows of equal keys, in groups of two and more: each ascending, groups by their first row. keys[rows * 4]; an all-zero key equals nothing.
 * Two of 2,000,000 different texts share a key with probability 6e-27.
 */
export function groupExact(keys: Uint32Array, takesPart: (row: number) => boolean = () => true): Uint32Array[] {
  const count = keys.length / 4;
  let taking = 0;
  const order = new Uint32Array(count);
  for (let row = 0; row < count; row++) if (!isZero(keys, row) && takesPart(row)) order[taking++] = row;
  const rows = order.subarray(0, taking);
  // A table of chains by the first word of the key: each row meets only rows whose key begins with the same bits.
  const size = 2 ** Math.max(4, Math.ceil(Math.log2(taking + 1)));
  const heads = new Uint32Array(size);
  const groups = new Map<number, number[]>();
  const next = new Uint32Array(taking);
  for (let i = 0; i < taking; i++) {
    const slot = keys[rows[i] * 4] & (size - 1);
    let other = heads[slot];
    while (other !== 0 && !same(keys, rows[other - 1], rows[i])) other = next[other - 1];
    if (other === 0) {
      next[i] = heads[slot];
      heads[slot] = i + 1;
      continue;
    }
    const first = rows[other - 1];
    const group = groups.get(first);
    if (group) group.push(rows[i]);
    else groups.set(first, [first, rows[i]]);
  }
  return [...groups.values()].sort((a, b) => a[0] - b[0]).map((group) => Uint32Array.from(group));
}

function isZero(keys: Uint32Array, row: number): boolean {
  const at = row * 4;
  return (keys[at] | keys[at + 1] | keys[at + 2] | keys[at + 3]) === 0;
}

function same(keys: Uint32Array, a: number, b: number): boolean {
  const i = a * 4;
  const j = b * 4;
  return keys[i] === keys[j] && keys[i + 1] === keys[j + 1] && keys[i + 2] === keys[j + 2] && keys[i + 3] === keys[j + 3];
}
