// How varied the words of instructions are, before and after: on samples of the rows read and the rows used, chosen by content hash.
import { setImmediate as pause } from "node:timers/promises";
import { instructionOf } from "../core/row.ts";
import { distinctUpTo } from "../diversity/distinct.ts";
import { overlapsOf } from "../diversity/overlap.ts";
import { countVerbNouns } from "../diversity/verb-noun.ts";
import { Lowest } from "./lowest.ts";
import type { SampleFigures, Samples, SampleSet } from "./manifest.ts";
import type { RowReader } from "./row-reader.ts";

/** distinct-n falls as a sample grows: all samples are of this size, or smaller where a source has fewer rows. */
const sampleRows = 2000;

/** Chooses the rows; `figures` reads them. */
export class SampleChoice {
  private readonly all = { read: new Lowest(sampleRows), used: new Lowest(sampleRows) };
  private readonly read: readonly Lowest[];
  private readonly used: readonly Lowest[];
  private readonly sources: readonly string[];

  constructor(sources: readonly string[]) {
    this.sources = sources;
    this.read = sources.map(() => new Lowest(sampleRows));
    this.used = sources.map(() => new Lowest(sampleRows));
  }

  offer(key: number, row: number, source: number, uses: number): void {
    this.all.read.offer(key, row);
    this.read[source].offer(key, row);
    if (uses === 0) return;
    this.all.used.offer(key, row);
    this.used[source].offer(key, row);
  }

  /** Pauses between its parts: the main thread has workers to serve. */
  async figures(reader: RowReader): Promise<Samples> {
    // Samples share rows: each text is read once.
    const texts = new Map<number, string>();
    const textOf = (row: number): string => {
      let text = texts.get(row);
      if (text === undefined) texts.set(row, (text = instructionOf(reader.messages(row))));
      return text;
    };
    const set = (all: Lowest, parts: readonly Lowest[]): SampleSet =>
      figuresOf(
        this.sources,
        all.rows().map(textOf),
        parts.map((part) => part.rows().map(textOf)),
      );
    const used = set(this.all.used, this.used);
    await pause();
    return { ...used, read: set(this.all.read, this.read) };
  }
}

function figuresOf(sources: readonly string[], all: readonly string[], texts: readonly (readonly string[])[]): SampleSet {
  const overlaps = overlapsOf(texts);
  const overlap: { sources: [string, string]; share: number }[] = [];
  for (let a = 0; a < sources.length; a++) {
    for (let b = a + 1; b < sources.length; b++) overlap.push({ sources: [sources[a], sources[b]], share: overlaps[a][b] });
  }
  const figures = (sample: readonly string[]): SampleFigures => ({
    rows: sample.length,
    distinct: distinctUpTo(sample, 3),
    verb_nouns: countVerbNouns(sample).slice(0, 60),
  });
  return { by_source: { "": figures(all), ...Object.fromEntries(sources.map((name, i) => [name, figures(texts[i])])) }, overlap };
}
