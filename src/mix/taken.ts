// What came of a plan once rows were chosen: a share counted in tokens can be smaller than any row of its source.
import { count } from "../core/count.ts";
import { recipeError } from "../core/errors.ts";
import { amountOf, type MixPlan, type MixWarning, unitNames } from "./plan.ts";

/** Remarks on sources that have a share and no row in the mix; rows[sources] are the uses of rows chosen. Throws where no source has any. */
export function remarksOnTaken({ sources, weighBy, totals }: MixPlan, rows: readonly number[]): MixWarning[] {
  const unit = unitNames[weighBy];
  const empty = sources.filter(({ wanted }, i) => wanted > 0 && rows[i] === 0);
  if (rows.every((uses) => uses === 0)) {
    const held = sources.filter(({ available }) => available.rows > 0);
    const mean = Math.min(...held.map(({ available }) => Math.ceil(amountOf(available, weighBy) / available.rows)));
    throw recipeError({
      where: "mix.target_total",
      key: ["mix", "target_total"],
      expected: "a mix that holds a row",
      found: `${count(totals.wanted)} ${unit} wanted, and every row that would be taken has more than twice its share of them`,
      fix: `raise target_total: rows of the source with the shortest ones have ${count(mean)} ${unit} on average`,
    });
  }
  return empty.map(({ name, available, wanted, factor, proportion }): MixWarning => {
    const mean = count(Math.ceil(amountOf(available, weighBy) / available.rows));
    const share = `${+(proportion * 100).toPrecision(3)}% (${count(wanted)} ${unit})`;
    const text = `source ${name}: its share of ${share} comes to no rows: its rows have ${mean} ${unit} on average`;
    return { kind: "nothing_wanted", source: name, rows: available.rows, wanted, factor, text };
  });
}
