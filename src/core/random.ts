// Seeded randomness: the same seed gives the same stream on every machine. Nothing here reads a clock.

/** A stream of uniform 32-bit integers. sfc32 (Chris Doty-Humphrey, PractRand), seeded by splitmix32. */
export interface Random {
  /** Uniform in [0, 2^32). */
  uint32(): number;
  /** Uniform in [0, 1), 53 bits. */
  float(): number;
  /** Uniform integer in [0, limit), without modulo bias. */
  below(limit: number): number;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const splitmix = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    return mix32(state);
  };
  let a = splitmix();
  let b = splitmix();
  let c = splitmix();
  let counter = 1;
  const uint32 = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) uint32();
  const float = (): number => (uint32() * 0x200000 + (uint32() >>> 11)) / 2 ** 53;
  const below = (limit: number): number => {
    if (!(Number.isInteger(limit) && limit > 0 && limit <= 2 ** 32))
      throw new RangeError(`limit must be an integer in 1..2^32, got ${limit}`);
    const bound = 2 ** 32 - (2 ** 32 % limit);
    for (;;) {
      const value = uint32();
      if (value < bound) return value % limit;
    }
  };
  return { uint32, float, below };
}

/** A bijective mixer of 32 bits (murmur3's finaliser). */
export function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Fisher-Yates in place. */
export function shuffle<T extends { [index: number]: unknown; length: number }>(items: T, random: Random): T {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const item = items[i];
    (items as { [index: number]: unknown })[i] = items[j];
    (items as { [index: number]: unknown })[j] = item;
  }
  return items;
}
