// run.json: what a run leaves for people, the report and later tools. Plain JSON; names are a contract (DESIGN, "Run record").
import type { ErrorKind, ErrorParts } from "../core/errors.ts";
import type { ProfileSummary } from "../diversity/profile.ts";
import type { FileRecord } from "../io/atomic.ts";
import type { Sha256 } from "../io/checksum.ts";

/** rows in = rows out + rows that the stage ended, per source and for each reason. */
export interface StageFigures {
  readonly stage: string;
  readonly rows_in: number;
  readonly rows_out: number;
  /** Rows ended here, by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly by_source: Readonly<
    Record<string, { readonly rows_in: number; readonly rows_out: number; readonly reasons: Readonly<Record<string, number>> }>
  >;
}

export interface Amounts {
  readonly rows: number;
  readonly tokens: number;
  readonly loss_tokens: number;
}

export interface MixSource {
  readonly name: string;
  readonly proportion: number;
  readonly available: Amounts;
  /** In the unit of weigh_by. */
  readonly wanted: number;
  readonly achieved: Amounts;
  /** Achieved share of the unit. */
  readonly achieved_share: number;
  /** Uses per row: the fewest and the most. */
  readonly repeats: { readonly least: number; readonly most: number };
  /** Available rows by how often the mix uses them: { "0": 12, "1": 300 }. */
  readonly uses: Readonly<Record<string, number>>;
}

export interface InputFigures {
  readonly source: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly format: string;
  readonly compression: string;
  readonly records: number;
  /** Rows by the schema that was recognised. */
  readonly schemas: Readonly<Record<string, number>>;
}

export interface StateCounts {
  readonly read: number;
  readonly used: number;
  readonly unused: number;
  readonly dropped: number;
  readonly quarantined: number;
  readonly held_out: number;
}

export interface ShardFigures {
  readonly part: "train" | "eval";
  /** Below the run's folder. */
  readonly curated: string;
  readonly tokenized: string;
  /** Uses of rows, and lines of the training shard (packed rows). */
  readonly documents: number;
  readonly rows: number;
  readonly tokens: number;
  readonly loss_tokens: number;
}

export interface RunWarning {
  readonly stage: string;
  readonly text: string;
}

/** Words of the instructions of a sample of rows: those with the lowest hashes, 2,000 at most. */
export interface SampleFigures {
  readonly rows: number;
  /** distinct-1, -2, -3 of the instructions. */
  readonly distinct: readonly number[];
  readonly verb_nouns: readonly { readonly pair: string; readonly count: number }[];
}

export interface SampleSet {
  /** Per source, and a sample of all rows under "". */
  readonly by_source: Readonly<Record<string, SampleFigures>>;
  readonly overlap: readonly { readonly sources: readonly [string, string]; readonly share: number }[];
}

/** The rows used in the mix, and under `read` all rows that were read. */
export interface Samples extends SampleSet {
  readonly read: SampleSet;
}

export interface Manifest {
  readonly name: string;
  readonly sluice: string;
  readonly recipe_file: string;
  readonly recipe: unknown;
  readonly plan_sha256: string;
  readonly inputs: readonly InputFigures[];
  readonly skipped_files: readonly string[];
  /** The error that the run ended with, where no mix could be made; it then has no shards. null: it did not fail. */
  readonly failure: ({ readonly stage: "read" | "mix"; readonly kind: ErrorKind } & ErrorParts) | null;
  /** Per source, and for all under "". */
  readonly states: Readonly<Record<string, StateCounts>>;
  readonly stages: readonly StageFigures[];
  /** Rows flagged, by flag and source. */
  readonly flags: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Rows by reason or flag, by the rule that found them, and by source; only filters that name their rules. */
  readonly rules: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
  readonly hold_out: { readonly rows: number; readonly eval_documents: number } | null;
  /** Review decisions that this run replayed; null where there are none. */
  readonly review: {
    readonly file: string;
    readonly lines: number;
    /** Contents with a decision that stands. */
    readonly decisions: number;
    /** Decisions whose content was among the rows read. */
    readonly applied: number;
    /** Decisions whose content is not there any more, and the first rows they were made on. */
    readonly unmatched: number;
    readonly unmatched_rows: readonly string[];
    /** brought_back: rows that a filter or dedup would have dropped and a reviewer kept. */
    readonly rows: { readonly kept: number; readonly dropped: number; readonly edited: number; readonly brought_back: number };
  } | null;
  readonly decontamination: { readonly items: number; readonly too_short: readonly string[] } | null;
  readonly dedup: { readonly threshold: number; readonly clusters: readonly { readonly survivor: string; readonly rows: number }[] } | null;
  readonly mix: {
    readonly weigh_by: string;
    readonly wanted_total: number;
    readonly achieved: Amounts;
    readonly sources: readonly MixSource[];
  } | null;
  readonly packing: {
    readonly max_length: number;
    readonly packing: boolean;
    readonly documents: number;
    readonly rows: number;
    readonly tokens: number;
    readonly loss_tokens: number;
    /** Rows of the mix that are longer than max_length and lost their end, and the tokens that the longest of them had. */
    readonly cut: number;
    readonly longest_cut: number;
    /** tokens / (rows x max_length). */
    readonly efficiency: number;
  } | null;
  readonly shards: readonly ShardFigures[];
  /** After each stage ("read" is before all), for all rows under "" and per source. */
  readonly diversity: readonly { readonly stage: string; readonly profiles: Readonly<Record<string, ProfileSummary>> }[];
  /** distinct-n, verb-noun pairs and overlap on samples of the rows read and the rows used. */
  readonly samples: Samples;
  readonly warnings: readonly RunWarning[];
  readonly outputs: readonly FileRecord<Sha256>[];
  /** Differs from run to run; everything above does not. */
  readonly measured: {
    readonly workers: number;
    readonly node: string;
    readonly started: string;
    /** By stage, on the clock. */
    readonly seconds: Readonly<Record<string, number>>;
    /** Of all threads together: in the process's own code, and in the system's (reading and writing files, giving out memory). */
    readonly cpu_seconds: { readonly user: number; readonly system: number };
    readonly peak_memory_bytes: number;
  };
}

/** A turn as the report shows it: long ones are cut around what the evidence names, with an ellipsis at each cut. */
export interface ShownTurn {
  readonly role: string;
  readonly content: string;
  /** Place in the conversation, from 1, as `turn` in evidence counts. */
  readonly turn: number;
}

export interface ShownConversation {
  readonly id: string;
  readonly messages: readonly ShownTurn[];
  /** Turns of the whole conversation. */
  readonly turns: number;
}

/** A row shown in the report. */
export interface ExampleRow extends ShownConversation {
  readonly source: string;
  /** Why: as in the ledger. */
  readonly evidence: Readonly<Record<string, unknown>>;
  /** The row it was dropped for. */
  readonly survivor?: ShownConversation;
}

/** A survivor, how many rows were dropped for it, and the one of them that is least like it. */
export interface ExampleCluster {
  readonly survivor: ShownConversation;
  readonly rows: number;
  readonly dropped: ExampleRow;
}

/** examples.json: some rows for every reason and flag that occurred, spread over the sources. */
export interface Examples {
  readonly reasons: readonly { readonly stage: string; readonly reason: string; readonly rows: readonly ExampleRow[] }[];
  readonly flags: readonly { readonly flag: string; readonly rows: readonly ExampleRow[] }[];
  readonly quarantine: readonly {
    readonly id: string;
    readonly source: string;
    readonly reason: string;
    readonly detail: string;
    readonly raw: string;
  }[];
  readonly clusters: readonly ExampleCluster[];
  /** The first evaluation items that are too short to be recognised reworded. */
  readonly too_short: readonly { readonly id: string; readonly text: string }[];
}
