// How varied the words of instructions are, before and after: on samples of the rows read and the rows used, chosen by content hash.
import { setImmediate as pause } from "node:timers/promises";
import { instructionOf } from "../core/row.ts";
import { distinctOf } from "../diversity/distinct.ts";
import { Ngrams } from "../diversity/ngrams.ts";
import { overlapsOf } from "../diversity/overlap.ts";
import { countPairs, verbNounOf } from "../diversity/verb-noun.ts";
import { Lowest } from "./lowest.ts";
import type { SampleFigures, Samples, SampleSet } from "./manifest.ts";
import type { RowReader } from "./row-reader.ts";

/** distinct-n falls as a sample grows: all samples are of this size, or smaller where a source has fewer rows. */
const sampleRows = 2000;
/** distinct-1 to distinct-3. */
const distinctWords = 3;

/** What is known of an instruction. */
interface SampleText {
  /** Its number among the n-grams. */
  readonly number: number;
  readonly verbNoun: string | undefined;
}

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

  /** Pauses between its parts, so that progress is told. */
  async figures(reader: RowReader): Promise<Samples> {
    // Samples share rows: each is read once. All are read first, so that one set of numbers holds their n-grams.
    const ngrams = new Ngrams(distinctWords);
    const texts = new Map<number, SampleText>();
    const load = async (lowest: readonly Lowest[]): Promise<SampleText[][]> => {
      const samples: SampleText[][] = [];
      for (const chosen of lowest) {
        samples.push(
          chosen.rows().map((row) => {
            let text = texts.get(row);
            if (text === undefined) texts.set(row, (text = textOf(instructionOf(reader.messages(row)), ngrams)));
            return text;
          }),
        );
        await pause();
      }
      return samples;
    };
    const used = await load([this.all.used, ...this.used]);
    const read = await load([this.all.read, ...this.read]);
    return { ...figuresOf(this.sources, used, ngrams), read: figuresOf(this.sources, read, ngrams) };
  }
}

function textOf(instruction: string, ngrams: Ngrams): SampleText {
  return { number: ngrams.add(instruction), verbNoun: verbNounOf(instruction) };
}

/** samples[0] is of all sources, samples[1 + source] of one. */
function figuresOf(sources: readonly string[], [all, ...bySource]: readonly SampleText[][], ngrams: Ngrams): SampleSet {
  const overlaps = overlapsOf(
    bySource.map((sample) => sample.map(({ number }) => number)),
    ngrams,
  );
  const overlap: { sources: [string, string]; share: number }[] = [];
  for (let a = 0; a < sources.length; a++) {
    for (let b = a + 1; b < sources.length; b++) overlap.push({ sources: [sources[a], sources[b]], share: overlaps[a][b] });
  }
  const figures = (sample: readonly SampleText[]): SampleFigures => {
    const numbered = sample.map(({ number }) => number);
    return {
      rows: sample.length,
      distinct: Array.from({ length: distinctWords }, (_, i) => distinctOf(numbered, ngrams, i + 1)),
      verb_nouns: countPairs(sample.map(({ verbNoun }) => verbNoun)).slice(0, 60),
    };
  };
  return { by_source: { "": figures(all), ...Object.fromEntries(sources.map((name, i) => [name, figures(bySource[i])])) }, overlap };
}
