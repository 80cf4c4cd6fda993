// What a reader should look at first: every remark the figures give cause for, the weightiest first. Words only; no HTML.
import type { Manifest } from "../pipeline/manifest.ts";
import { counted, listed, percent, share, words } from "./numbers.ts";
import type { RunFiles } from "./run-files.ts";
import { stageTitle } from "./stages.ts";
import { trainingRemarks } from "./training-figures.ts";

export interface Finding {
  /** Larger is graver; only the order counts. */
  readonly weight: number;
  /** What it is about; it can follow "Look first at". */
  readonly what: string;
  /** What is the matter with it; it can follow "what: ". */
  readonly matter: string;
  /** The section's id. */
  readonly section: string;
}

/** A reason that ends more than this share of all records is worth a look, and one that ends half of them comes first. */
const largeReason = 0.1;
const hugeReason = 0.4;
/** A source's share of the loss tokens may differ this much from the share asked for before it is told. */
const tokenDrift = 0.1;

export function findings(files: RunFiles): Finding[] {
  const { manifest } = files;
  const found: Finding[] = [
    ...failure(manifest),
    ...training(files),
    ...reasons(manifest),
    ...mix(manifest),
    ...(manifest.failure ? [] : evaluation(manifest)),
  ];
  const all = manifest.states[""];
  if (all.quarantined > 0) {
    const part = share(all.quarantined, all.read);
    const told = part >= 0.0005 ? `, ${percent(part)} of what was read` : "";
    found.push({
      weight: 10 + 400 * part,
      what: counted(all.quarantined, "unreadable record"),
      matter: `kept with their bytes${told}`,
      section: "funnel",
    });
  }
  for (const { stage, text } of manifest.warnings)
    if (stage === "diversity") found.push({ weight: 45, what: "diversity", matter: text, section: "diversity" });
  const flagged = Object.entries(manifest.flags).map(([flag, rows]) => ({ flag, rows: Object.values(rows).reduce((a, b) => a + b, 0) }));
  if (flagged.length > 0) {
    const most = flagged.reduce((a, b) => (b.rows > a.rows ? b : a));
    found.push({
      weight: 35 + 50 * share(most.rows, all.read),
      what: `${counted(most.rows, "row")} flagged “${words(most.flag)}”`,
      matter: "a flag drops nothing, people decide",
      section: "refusals",
    });
  }
  const sorted = found.sort((a, b) => b.weight - a.weight);
  // A section's gravest matter leads to the others in it.
  return sorted.filter(({ section, what }, i) => sorted.findIndex((other) => other.section === section && other.what === what) === i);
}

/** A run that ended without a mix. */
function failure({ failure: error }: Manifest): Finding[] {
  if (!error) return [];
  const { stage, where, found } = error;
  return [{ weight: 1000, what: `why the run stopped at “${words(stage)}”`, matter: `${where}: ${found}`, section: "funnel" }];
}

function reasons({ stages, states }: Manifest): Finding[] {
  const read = states[""].read;
  return stages
    .filter(({ stage }) => stage !== "mix" && stage !== "hold_out" && stage !== "read")
    .flatMap(({ stage, reasons: byReason }) => Object.entries(byReason).map(([reason, rows]) => ({ stage, reason, rows })))
    .filter(({ rows }) => rows > largeReason * read)
    .map(({ stage, reason, rows }) => ({
      weight: (rows > hugeReason * read ? 90 : 50) + 10 * share(rows, read),
      what: `the ${counted(rows, "row")} that “${words(reason)}” took`,
      matter: `${percent(share(rows, read), 0)} of all that was read (${stageTitle(stage).toLowerCase()}); the examples show whether that is right`,
      section:
        stage === "refusal" ? "refusals" : stage === "dedup" ? "duplicates" : stage === "decontaminate" ? "decontamination" : "funnel",
    }));
}

function mix({ mix: figures }: Manifest): Finding[] {
  if (!figures) return [];
  const found: Finding[] = [];
  const repeated = figures.sources.filter(({ repeats }) => repeats.most > 1);
  if (repeated.length > 0) {
    const most = Math.max(...repeated.map(({ repeats }) => repeats.most));
    found.push({
      weight: 30 + 10 * Math.min(4, most),
      what: listed(repeated.map(({ name }) => name)),
      matter: `too small for ${repeated.length === 1 ? "its share" : "their shares"}, so rows are used up to ${most} times`,
      section: "mix",
    });
  }
  const drifted = figures.sources
    .map(({ name, proportion, achieved }) => ({ name, proportion, part: share(achieved.loss_tokens, figures.achieved.loss_tokens) }))
    .filter(({ proportion, part }) => Math.abs(part - proportion) > tokenDrift)
    .sort((a, b) => Math.abs(b.part - b.proportion) - Math.abs(a.part - a.proportion))[0];
  if (drifted) {
    found.push({
      weight: 40 + 100 * Math.abs(drifted.part - drifted.proportion),
      what: drifted.name,
      matter: `${percent(drifted.proportion, 0)} of the mix was asked for, and it is ${percent(drifted.part, drifted.part < 0.01 ? 1 : 0)} of the tokens that are learned from`,
      section: "mix",
    });
  }
  return found;
}

function evaluation({ decontamination, hold_out, states }: Manifest): Finding[] {
  const found: Finding[] = [];
  if (hold_out !== null && hold_out.eval_documents === 0 && states[""].read > 0)
    found.push({ weight: 70, what: "the hold-out", matter: "there is nothing to evaluate on", section: "decontamination" });
  if (decontamination && decontamination.too_short.length > 0.5 * decontamination.items) {
    found.push({
      weight: 38,
      what: "the evaluation items",
      matter: `${percent(share(decontamination.too_short.length, decontamination.items), 0)} of them are too short to be found reworded`,
      section: "decontamination",
    });
  }
  return found;
}

function training(files: RunFiles): Finding[] {
  return trainingRemarks(files).map(({ text }, i) => ({ weight: 100 - i, what: "the training", matter: text, section: "training" }));
}
