// Sets and counts of 32-bit hashes in typed arrays, emptied in constant time by raising a stamp. Two texts' hashes never mix.

/** Open addressing: slots hold a hash and its count; a slot is alive where its stamp is the table's. */
export class HashCounts {
  hashes = new Uint32Array(2048);
  counts = new Uint32Array(2048);
  stamps = new Uint32Array(2048);
  stamp = 0;
  mask = 2047;

  /** Empties the table and makes room for this many hashes. */
  reset(items: number): void {
    let size = this.hashes.length;
    while (size < items * 2) size *= 2;
    if (size > this.hashes.length) {
      this.hashes = new Uint32Array(size);
      this.counts = new Uint32Array(size);
      this.stamps = new Uint32Array(size);
      this.stamp = 0;
    }
    // A small text uses the front of a large table only: it stays in the cache.
    let used = 256;
    while (used < items * 2) used *= 2;
    this.mask = used - 1;
    if (++this.stamp === 0xffff_ffff) {
      this.stamps.fill(0);
      this.stamp = 1;
    }
  }

  /** Counts a hash; returns how often it was there before. */
  add(hash: number): number {
    const { hashes, stamps, counts, stamp, mask } = this;
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (stamps[slot] === stamp) {
      if (hashes[slot] === hash) return counts[slot]++;
      slot = (slot + 1) & mask;
    }
    stamps[slot] = stamp;
    hashes[slot] = hash;
    counts[slot] = 1;
    return 0;
  }
}

/** A set of hashes as pairs of slots: [stamp, hash]. A pair is alive where its stamp is the set's. */
export class HashSet32 {
  slots = new Int32Array(1024);
  stamp = 0;
  mask = 255;

  /** Empties the set and makes room for this many hashes; `mask` + 1 pairs are used. */
  reset(items: number): void {
    let pairs = 256;
    while (pairs < items * 2) pairs *= 2;
    if (pairs * 2 > this.slots.length) {
      this.slots = new Int32Array(pairs * 2);
      this.stamp = 0;
    }
    this.mask = pairs - 1;
    if (++this.stamp === 0x7fff_ffff) {
      this.slots.fill(0);
      this.stamp = 1;
    }
  }
}
