// What a set of rows looks like: how many of each task type, and how long instructions and responses are, in tokens. Constant memory,
// whatever the number of rows; profiles of parts merge into the profile of the whole. Knows numbers only, not texts.
import { taskCount, taskNames, type TaskType } from "./task-names.ts";

/** Lengths under this are counted one by one, so their percentiles are exact. A power of two. */
const exactBelow = 256;
/** Buckets per octave above: each is at most 1/128 of its lower end wide, and its middle at most 1/256 (0.4 %) off. */
const perOctave = exactBelow / 2;
const octaves = 32 - Math.log2(exactBelow);
const bucketCount = exactBelow + octaves * perOctave;

/** Counts of lengths in buckets: exact below 256, then 128 an octave. */
interface Lengths {
  /** counts[bucketCount], rows; float64 holds them exactly up to 2^53. */
  readonly counts: Float64Array;
  /** In tokens. */
  sum: number;
  max: number;
}

export interface Profile {
  rows: number;
  /** tasks[taskCount], rows. */
  readonly tasks: Float64Array;
  readonly instruction: Lengths;
  readonly response: Lengths;
}

export interface ProfiledRow {
  readonly task: TaskType;
  readonly instructionTokens: number;
  readonly responseTokens: number;
}

/** A bar of a histogram: rows with from <= length < to. */
export interface HistogramBucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** In tokens. Percentiles are by nearest rank; exact below 256, within 0.4 % above. Mean and max are exact; all are 0 without rows. */
export interface LengthSummary {
  readonly mean: number;
  readonly p5: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  /** Two bars an octave, without a gap between the first and the last that hold rows. */
  readonly histogram: readonly HistogramBucket[];
}

export interface ProfileSummary {
  readonly rows: number;
  /** Rows of every task type, those without rows too. */
  readonly tasks: Readonly<Record<string, number>>;
  /** Shannon entropy of the task types. */
  readonly entropy_bits: number;
  /** Share of the most there can be: log2 of the number of task types. */
  readonly entropy_share: number;
  readonly instruction_tokens: LengthSummary;
  readonly response_tokens: LengthSummary;
}

export function createProfile(): Profile {
  return { rows: 0, tasks: new Float64Array(taskCount), instruction: createLengths(), response: createLengths() };
}

/** Once a row: a few additions. */
export function addToProfile(profile: Profile, { task, instructionTokens, responseTokens }: ProfiledRow): void {
  if (!(task < taskCount)) throw new RangeError(`a task type is a number under ${taskCount}, got ${task}`);
  profile.rows++;
  profile.tasks[task]++;
  addLength(profile.instruction, instructionTokens);
  addLength(profile.response, responseTokens);
}

/** A new profile of all rows of these. */
export function mergeProfiles(profiles: readonly Profile[]): Profile {
  const merged = createProfile();
  for (const { rows, tasks, instruction, response } of profiles) {
    merged.rows += rows;
    for (let i = 0; i < taskCount; i++) merged.tasks[i] += tasks[i];
    mergeLengths(merged.instruction, instruction);
    mergeLengths(merged.response, response);
  }
  return merged;
}

export function summariseProfile({ rows, tasks, instruction, response }: Profile): ProfileSummary {
  const bits = entropy(tasks);
  return {
    rows,
    tasks: Object.fromEntries(taskNames.map((name, i) => [name, tasks[i]])),
    entropy_bits: bits,
    entropy_share: bits / Math.log2(taskCount),
    instruction_tokens: summariseLengths(instruction, rows),
    response_tokens: summariseLengths(response, rows),
  };
}

/** Shannon entropy of counts, in bits; 0 where there are none. */
export function entropy(counts: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i];
  let bits = 0;
  for (let i = 0; i < counts.length; i++) if (counts[i] > 0) bits += (counts[i] / total) * Math.log2(total / counts[i]);
  return bits;
}

function createLengths(): Lengths {
  return { counts: new Float64Array(bucketCount), sum: 0, max: 0 };
}

function addLength(lengths: Lengths, length: number): void {
  lengths.counts[bucketOf(length)]++;
  lengths.sum += length;
  if (length > lengths.max) lengths.max = length;
}

function mergeLengths(into: Lengths, from: Lengths): void {
  for (let i = 0; i < bucketCount; i++) into.counts[i] += from.counts[i];
  into.sum += from.sum;
  into.max = Math.max(into.max, from.max);
}

/** length: a whole number in [0, 2^32). */
function bucketOf(length: number): number {
  if (length < exactBelow) return length;
  const shift = 32 - Math.clz32(length) - Math.log2(exactBelow);
  return shift * perOctave + (length >>> shift);
}

/** The least length in every bucket; the next bucket's is the end of this one. */
const bucketStarts = Float64Array.from({ length: bucketCount + 1 }, (_, bucket) => {
  if (bucket < exactBelow) return bucket;
  const shift = Math.floor(bucket / perOctave) - 1;
  return (bucket - shift * perOctave) * 2 ** shift;
});

function summariseLengths(lengths: Lengths, rows: number): LengthSummary {
  const percentile = (share: number): number => percentileOf(lengths, Math.max(1, Math.ceil(share * rows)));
  return {
    mean: rows === 0 ? 0 : lengths.sum / rows,
    p5: percentile(0.05),
    p50: percentile(0.5),
    p95: percentile(0.95),
    max: lengths.max,
    histogram: histogramOf(lengths.counts),
  };
}

/** The length at a rank, from 1, in ascending order: the middle of its bucket. */
function percentileOf({ counts, max }: Lengths, rank: number): number {
  let seen = 0;
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    seen += counts[bucket];
    if (seen >= rank) return Math.min(max, Math.floor((bucketStarts[bucket] + bucketStarts[bucket + 1] - 1) / 2));
  }
  return 0;
}

function histogramOf(counts: Float64Array): HistogramBucket[] {
  const bars: { from: number; to: number; count: number }[] = [];
  let bucket = 0;
  for (let from = 0; bucket < bucketCount; from = nextBar(from)) {
    const bar = { from, to: nextBar(from), count: 0 };
    while (bucket < bucketCount && bucketStarts[bucket] < bar.to) bar.count += counts[bucket++];
    bars.push(bar);
  }
  const first = bars.findIndex(({ count }) => count > 0);
  const last = bars.findLastIndex(({ count }) => count > 0);
  return first < 0 ? [] : bars.slice(first, last + 1);
}

/** Bars begin at 0, 1, 2, 3, 4, 6, 8, 12, 16, 24 ...: powers of two and the middles between them, where buckets begin, too. */
function nextBar(from: number): number {
  if (from < 4) return from + 1;
  const power = 2 ** Math.floor(Math.log2(from));
  return from === power ? power * 1.5 : power * 2;
}
