// What the run record and the report tell of the rows: figures by stage, examples, samples. All of it is known once the mix is, so the main
// thread works it out while workers write shards and the ledger; it pauses between its parts, so that progress is told.
import { setImmediate as pause } from "node:timers/promises";
import { tooShortItems } from "../dedup/decontaminate.ts";
import { largestClusters } from "./clusters.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { readProtected } from "./context.ts";
import { collectExamples } from "./examples.ts";
import { beginning } from "./excerpt.ts";
import { type Figures, profileStages } from "./figures.ts";
import type { Examples, Manifest, Samples } from "./manifest.ts";
import { createReasonTable } from "./reasons.ts";
import type { RowTable } from "./row-table.ts";
import type { RunState } from "./run.ts";
import type { Settled } from "./stage-dedup.ts";
import type { Mixed } from "./stage-mix.ts";
import type { ReadCounts } from "./task-read.ts";

/** Evaluation items whose texts the report lists as too short to check. */
const tooShortShown = 50;

/** Groups of duplicates in the run record. */
const clustersTold = 20;

export interface Described {
  readonly figures: Figures;
  readonly examples: Examples;
  readonly samples: Samples;
  readonly decontamination: Manifest["decontamination"];
  /** Evaluation files in which no item was found. */
  readonly unprotected: readonly string[];
}

export async function describeRows(
  { paths, plan }: RunState,
  table: RowTable,
  read: readonly ReadCounts[],
  settled: Settled,
  mixed: Mixed,
): Promise<Described> {
  // What the mix has left; workers have begun.
  collectGarbage();
  await pause();
  const clusters = largestClusters(settled, clustersTold);
  const inputs = { paths, plan, table, settled, mixed, reasons: createReasonTable(plan.recipe), clusters };
  await pause();
  const figures = profileStages({ ...inputs, quarantined: read.map((counts) => counts.quarantined) });
  await pause();
  const { examples, samples } = await collectExamples(inputs);
  await pause();
  // What is protected is known when rows are held out.
  const { decontamination, tooShort, unprotected } =
    mixed.stop?.stage === "read" ? nothingProtected : decontaminationFigures({ paths, plan });
  return { figures, examples: { ...examples, too_short: tooShort }, samples, decontamination, unprotected };
}

interface Protected extends Pick<Described, "decontamination" | "unprotected"> {
  readonly tooShort: Examples["too_short"];
}

const nothingProtected: Protected = { decontamination: null, tooShort: [], unprotected: [] };

/** How many texts were protected, which are too short to be recognised reworded, and which files hold none. */
function decontaminationFigures({ paths, plan }: Pick<RunState, "paths" | "plan">): Protected {
  const { decontaminate } = plan.recipe;
  if (decontaminate === null) return nothingProtected;
  const items = readProtected(paths);
  const short = tooShortItems(items);
  const texts = new Map(items.map((item) => [item.id, item.prompt || item.answer]));
  const shown = short.slice(0, tooShortShown).map((id) => ({ id, text: beginning(texts.get(id) ?? "", 200) }));
  const files = new Set(items.map(({ file }) => file));
  // An empty file has no splits and is told by itself.
  const unprotected = [...new Set(plan.evaluation_splits.map(({ file }) => file))].filter((file) => !files.has(file));
  return { decontamination: { items: items.length, too_short: short }, tooShort: shown, unprotected };
}
