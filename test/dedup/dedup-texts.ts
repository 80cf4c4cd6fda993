// Deduplicates texts in memory as the pipeline's stage does over files: exact groups, clusters of shared bands, survivors.
import { clusterBands } from "../../src/dedup/cluster.ts";
import { groupExact } from "../../src/dedup/exact.ts";
import { createSketcher, type Sketcher } from "../../src/dedup/sketch.ts";
import { type Drop, settleComponent } from "../../src/dedup/survivors.ts";

export interface DedupOptions {
  readonly threshold: number;
  /** Compares two texts' numbers: under 0 where the first is kept. Numbers themselves where left out. */
  readonly compare?: (a: number, b: number) => number;
  /** Whether texts of one exact key are grouped first, as the pipeline does. */
  readonly exact?: boolean;
  readonly sketcher?: Sketcher;
  readonly memoryLimit?: number;
  readonly undroppable?: (text: number) => boolean;
}

/** All drops, by text. */
export function dedupTexts(texts: readonly string[], options: DedupOptions): Drop[] {
  const { threshold, compare = (a, b) => a - b, exact = true, memoryLimit, undroppable = () => false } = options;
  const sketcher = options.sketcher ?? createSketcher({ threshold });
  const { slots } = sketcher;
  const keys = Array.from({ length: slots }, () => new Uint32Array(texts.length));
  const exactKeys = new Uint32Array(texts.length * 4);
  const textKeys = new Uint32Array(slots);
  texts.forEach((text, row) => {
    sketcher.exactKey(text, exactKeys.subarray(row * 4, row * 4 + 4));
    sketcher.sketch(text, textKeys);
    for (let slot = 0; slot < slots; slot++) keys[slot][row] = textKeys[slot];
  });
  const first = (a: number, b: number): number => Number(undroppable(b)) - Number(undroppable(a)) || compare(a, b);
  const drops: Drop[] = [];
  const gone = new Uint8Array(texts.length);
  if (exact) {
    for (const group of groupExact(exactKeys)) {
      const [survivor, ...others] = group.sort(first);
      for (const row of others) {
        if (undroppable(row)) continue;
        gone[row] = 1;
        drops.push({ row, survivor, similarity: 1 });
      }
    }
  }
  const { rows, offsets } = clusterBands({
    rowCount: texts.length,
    slots,
    readBand: (slot, visit) => visit(keys[slot], 0),
    takesPart: (row) => gone[row] === 0,
    memoryLimit,
  });
  for (let cluster = 0; cluster + 1 < offsets.length; cluster++) {
    const members = rows.slice(offsets[cluster], offsets[cluster + 1]).sort(first);
    drops.push(
      ...settleComponent({
        rows: members,
        undroppable: Uint8Array.from(members, (row) => Number(undroppable(row))),
        texts: { textOf: (row) => texts[row] },
        sketcher,
        threshold,
        memoryLimit,
      }),
    );
  }
  const survivorOf = new Map(drops.map((drop) => [drop.row, drop]));
  // An exact duplicate of a text that went for a third goes for that third.
  return drops
    .map((drop) => {
      const further = survivorOf.get(drop.survivor);
      return further ? { row: drop.row, survivor: further.survivor, similarity: further.similarity } : drop;
    })
    .sort((a, b) => a.row - b.row);
}
