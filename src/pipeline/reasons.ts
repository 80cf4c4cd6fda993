// The numbered table of every (stage, reason) that can end a row in this recipe, so that a row's fate is two bytes.
// It depends on the recipe alone: every worker builds the same one.
import { SluiceError, recipeError } from "../core/errors.ts";
import type { CurationRecipe } from "./recipe.ts";
import { filters as registry } from "../filters/index.ts";

export interface StageReason {
  readonly stage: string;
  readonly reason: string;
}

export interface ReasonTable {
  /** Code 0 is "alive". */
  readonly entries: readonly StageReason[];
  code(stage: string, reason: string): number;
  /** Names of flags; bit i of a row's flag word is flags[i]. */
  readonly flags: readonly string[];
}

/** The stages that can end a row, in the order a row meets them; "used" rows meet none. */
const fixedReasons = {
  hold_out: ["held_out"],
  review: ["review_dropped"],
  decontaminate: ["eval_overlap", "eval_reworded"],
  chat_template: ["template_error", "no_loss_tokens"],
  dedup: ["exact_duplicate", "near_duplicate", "near_held_out"],
} as const;

/** In the ledger, of a row that goes on with the text that a reviewer gave it: it ends nothing. */
export const reviewEdited: StageReason = { stage: "review", reason: "review_edited" };

/** In the ledger, of an unused row of a run that ended without a mix: nothing had ended the row when the run stopped at this stage. */
export const stopReason = "run_stopped";

/** A row's flags are the bits of one word. */
const flagBits = 32;

/** On rows that are longer than max_length and are trained on without their end. */
export const cutFlag = "cut_at_max_length";

export function createReasonTable(recipe: CurationRecipe): ReasonTable {
  const entries: StageReason[] = [{ stage: "", reason: "" }];
  const flags: string[] = [];
  const add = (stage: string, reasons: readonly string[]): void => {
    for (const reason of reasons) entries.push({ stage, reason });
  };
  add("hold_out", fixedReasons.hold_out);
  add("review", fixedReasons.review);
  add("decontaminate", fixedReasons.decontaminate);
  for (const { name, action } of recipe.filters) {
    const filter = registry.find((candidate) => candidate.name === name);
    if (!filter) throw new Error(`the recipe holds an unknown filter ${name}`);
    if (action === "flag") flags.push(...filter.reasons);
    else add(name, filter.reasons);
  }
  add("chat_template", fixedReasons.chat_template);
  add("dedup", fixedReasons.dedup);
  if (flags.length > flagBits) throw tooManyFlags(flags.length);
  // Where filters take every bit, evidence alone names it: no recipe is refused for it.
  if (flags.length < flagBits) flags.push(cutFlag);
  const codes = new Map(entries.map(({ stage, reason }, code) => [`${stage}/${reason}`, code]));
  return {
    entries,
    flags,
    code(stage, reason) {
      const code = codes.get(`${stage}/${reason}`);
      if (code === undefined) throw new Error(`stage ${stage} gave an undeclared reason ${reason}`);
      return code;
    },
  };
}

function tooManyFlags(found: number): SluiceError {
  return recipeError({
    where: "filters",
    key: ["filters"],
    expected: `filters with "action: flag" that have at most ${flagBits} reasons together`,
    found: `${found} reasons`,
    fix: "let some of these filters drop, or leave them out",
  });
}
