// A row's fate, causes and decisions in the words that a reviewer reads.
import type { Decision } from "../pipeline/decisions.ts";
import type { CauseDetail, CauseKind, DecisionView } from "./api.ts";
import type { Fate } from "./run-index.ts";

/** Drops that a reviewer's keep does not undo, by reason. */
export const caveats: Readonly<Record<string, string>> = {
  eval_overlap: "A keep does not bring this row back: it is in an evaluation set. An edit may.",
  eval_reworded: "A keep does not bring this row back: it rewords an evaluation item. An edit may.",
  near_held_out: "A keep does not bring this row back: it is nearly a held-out row.",
  no_loss_tokens: "A keep does not bring this row back: no token that is trained on is left within train.max_length.",
  template_error: "A keep does not bring this row back: the chat template refuses it.",
  held_out: "This row is kept for evaluation. A drop takes it out there too; a keep changes nothing.",
};

export type Evidence = Readonly<Record<string, unknown>>;

export function evidenceOf({ evidence }: Fate): Evidence {
  return evidence === "" ? {} : (JSON.parse(evidence) as Evidence);
}

/** A line of the decisions file as the page shows it. */
export function decisionView({ decision, reviewer, time, comment, edits, bulk }: Decision): DecisionView {
  return {
    decision,
    reviewer,
    time,
    comment: comment ?? "",
    edits: (edits ?? []).map(({ turn, was, content }) => ({ turn, was: was ?? "", content })),
    isBulk: bulk !== undefined,
  };
}

/** What became of the row. */
export function fateText({ state, stage, reason, times }: Fate): string {
  if (state === "dropped") return `dropped by ${stage}: ${reason}`;
  if (state === "held_out") return "held out for evaluation";
  const edited = reason === "review_edited" ? ", edited in review" : "";
  return state === "used" ? `used ${times} ${times === 1 ? "time" : "times"}${edited}` : `fit, not needed by the mix${edited}`;
}

/** What a rule saw, as "value 3, limit 20". */
export function causeDetail(key: string, evidence: Evidence): CauseDetail {
  const kind = key.slice(0, key.indexOf(":")) as CauseKind;
  const name = key.slice(key.indexOf(":") + 1);
  const flags = evidence.flags as Readonly<Record<string, Evidence>> | undefined;
  const seen = kind === "flag" ? (flags?.[name.split("/")[0]] ?? {}) : evidence;
  const detail = Object.entries(seen)
    .filter(([field]) => !["flags", "rule", "review", "survivor"].includes(field))
    .map(([field, value]) => `${field.replaceAll("_", " ")} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
  return { kind, name, detail: detail.slice(0, 2000) };
}
