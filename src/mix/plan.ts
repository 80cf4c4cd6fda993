// Who is in the mix and how often: from what each source holds and what the recipe asks for to counts that add up to the target exactly.
// It knows amounts only, no rows. Units: rows, tokens or loss tokens, as weigh_by says; rows at all other places.
import { count, counted } from "../core/count.ts";
import { dataError, recipeError } from "../core/errors.ts";
import { apportion, largestFittingTotal } from "./apportion.ts";
import { sharesOf } from "./shares.ts";

const weighings = ["rows", "tokens", "loss_tokens"] as const;
export type WeighBy = (typeof weighings)[number];
const shortfalls = ["upsample", "shrink", "fail"] as const;
export type Shortfall = (typeof shortfalls)[number];

export interface SourceAmounts {
  readonly name: string;
  readonly rows: number;
  readonly tokens: number;
  readonly lossTokens: number;
  /** Of a source with no rows: where they went, for errors. */
  readonly lost?: string;
}

export interface MixOptions {
  /** In the unit of weigh_by. Left out: the largest total that repeats nothing (without proportions and temperature: every row once). */
  readonly target_total?: number;
  /** Share by source name, in the unit of weigh_by. Left out: what each source holds, to the power of 1 / temperature. */
  readonly proportions?: Readonly<Record<string, number>>;
  readonly weigh_by?: WeighBy;
  readonly temperature?: number;
  /** The most uses of one row in the mix, 1..65,535; 1 repeats nothing. */
  readonly max_repeats: number;
  /** Where a source is too small: repeat its rows; make the whole mix smaller until nothing repeats; or stop. */
  readonly shortfall: Shortfall;
}

export interface PlannedSource {
  readonly name: string;
  readonly available: Omit<SourceAmounts, "name" | "lost">;
  /** Share of the mix, in the unit; all sum to 1. */
  readonly proportion: number;
  /** In the unit; all sum to the total. */
  readonly wanted: number;
  /** Uses of rows: exact where the unit is rows, else expected from the source's mean length. */
  readonly rows: number;
  /** Every row is used this often ... */
  readonly repeatFloor: number;
  /** ... or this often: the same, or one more. */
  readonly repeatCeil: number;
  /** Rows used repeatCeil times (all of them where floor and ceil are the same). Expected, like rows. */
  readonly rowsAtCeil: number;
  /** wanted / available in the unit. */
  readonly factor: number;
  readonly expected: { readonly tokens: number; readonly lossTokens: number };
}

export interface MixWarning {
  readonly kind: "upsampled" | "shrunk" | "bounded" | "normalised" | "left_out" | "temperature" | "empty" | "nothing_wanted";
  /** "" where it is about the whole mix. */
  readonly source: string;
  readonly rows: number;
  readonly wanted: number;
  readonly factor: number;
  readonly text: string;
}

export interface MixPlan {
  readonly weighBy: WeighBy;
  readonly sources: readonly PlannedSource[];
  readonly totals: {
    /** What the recipe asks for, or what follows where it asks for no total; in the unit. */
    readonly requested: number;
    /** What is planned, in the unit: less than requested where the mix shrank. */
    readonly wanted: number;
    readonly rows: number;
    readonly tokens: number;
    readonly lossTokens: number;
  };
  readonly warnings: readonly MixWarning[];
}

export const unitNames = { rows: "rows", tokens: "tokens", loss_tokens: "loss tokens" } as const;

/** Plans the mix, or throws before any work starts, with the numbers that would fit. */
export function planMix({ sources, options }: { readonly sources: readonly SourceAmounts[]; readonly options: MixOptions }): MixPlan {
  checkOptions(options);
  const { weigh_by = "rows", max_repeats, shortfall, target_total } = options;
  const available = sources.map((source) => amountOf(source, weigh_by));
  const { weights, remarks } = sharesOf({
    names: sources.map(({ name }) => name),
    amounts: available,
    proportions: options.proportions,
    temperature: options.temperature,
  });
  checkHolds({ sources, available, weights, unit: unitNames[weigh_by] });
  const once = largestFittingTotal(available, weights);
  const requested = target_total ?? once;
  const asked = apportion(requested, weights);
  const shrinks = shortfall === "shrink" && asked.some((amount, i) => amount > available[i]);
  const total = shrinks ? once : requested;
  const wanted = shrinks ? apportion(once, weights) : asked;
  if (shortfall === "fail") checkFits({ sources, available, weights, wanted, uses: 1, unit: unitNames[weigh_by], once });
  checkFits({ sources, available, weights, wanted, uses: max_repeats, unit: unitNames[weigh_by], once });

  const weightSum = weights.reduce((a, b) => a + b, 0);
  const planned = sources.map((source, i) =>
    planSource({ source, available: available[i], wanted: wanted[i], proportion: weights[i] / weightSum }),
  );
  const shape = (source: string): Pick<MixWarning, "rows" | "wanted" | "factor"> => {
    const one = planned.find(({ name }) => name === source);
    return one
      ? { rows: one.available.rows, wanted: one.wanted, factor: one.factor }
      : { rows: sum(sources.map(({ rows }) => rows)), wanted: total, factor: total / sum(available) };
  };
  const warnings: MixWarning[] = remarks.map((remark) => ({ ...remark, ...shape(remark.source) }));
  if (total < requested) {
    const text = `the mix shrinks from ${count(requested)} to ${count(total)} ${unitNames[weigh_by]}, so that no row is used twice: ${scarcest(planned)} bounds it`;
    warnings.push({ kind: "shrunk", source: "", ...shape(""), text });
  }
  const held = sum(available.filter((_, i) => weights[i] > 0));
  if (target_total === undefined && total < held) {
    const text = `without mix.target_total the mix holds ${count(total)} of ${count(held)} ${unitNames[weigh_by]}, so that no row is used twice: ${scarcest(planned)} bounds it`;
    warnings.push({ kind: "bounded", source: "", ...shape(""), text });
  }
  for (const source of planned) {
    const found = remarkOn({ source, weighBy: weigh_by });
    if (found) warnings.push({ ...found, source: source.name, ...shape(source.name) });
  }
  return {
    weighBy: weigh_by,
    sources: planned,
    totals: {
      requested,
      wanted: total,
      rows: sum(planned.map(({ rows }) => rows)),
      tokens: sum(planned.map(({ expected }) => expected.tokens)),
      lossTokens: sum(planned.map(({ expected }) => expected.lossTokens)),
    },
    warnings,
  };
}

/** What a source holds in a unit. */
export function amountOf(source: PlannedSource["available"], weighBy: WeighBy): number {
  if (weighBy === "rows") return source.rows;
  return weighBy === "tokens" ? source.tokens : source.lossTokens;
}

function planSource(options: {
  readonly source: SourceAmounts;
  readonly available: number;
  readonly wanted: number;
  readonly proportion: number;
}): PlannedSource {
  const { source, available, wanted, proportion } = options;
  const { name, rows, tokens, lossTokens } = source;
  const factor = wanted === 0 ? 0 : wanted / available;
  const repeatFloor = wanted === 0 ? 0 : Math.floor(wanted / available);
  const rest = wanted - repeatFloor * available;
  const repeatCeil = rest > 0 ? repeatFloor + 1 : repeatFloor;
  const rowsAtCeil = rest > 0 ? Math.round((rest / available) * rows) : rows;
  return {
    name,
    available: { rows, tokens, lossTokens },
    proportion,
    wanted,
    rows: rest > 0 ? repeatFloor * rows + rowsAtCeil : repeatFloor * rows,
    repeatFloor,
    repeatCeil,
    rowsAtCeil,
    factor,
    expected: { tokens: Math.round(tokens * factor), lossTokens: Math.round(lossTokens * factor) },
  };
}

function remarkOn({
  source,
  weighBy,
}: {
  readonly source: PlannedSource;
  readonly weighBy: WeighBy;
}): Pick<MixWarning, "kind" | "text"> | undefined {
  const { name, available, proportion, wanted, repeatFloor, repeatCeil, factor } = source;
  const unit = unitNames[weighBy];
  const held = amountOf(available, weighBy);
  if (held === 0) return { kind: "empty", text: `source ${name} has no ${unit} left: it is not in the mix` };
  if (proportion > 0 && wanted === 0) {
    return { kind: "nothing_wanted", text: `source ${name}: its share of ${+(proportion * 100).toPrecision(3)}% comes to no ${unit}` };
  }
  if (wanted <= held) return undefined;
  const often = repeatFloor === repeatCeil ? `${repeatFloor}` : `${repeatFloor} or ${repeatCeil}`;
  const holds = weighBy === "rows" ? counted(held, "row") : `${counted(available.rows, "row")} with ${count(held)} ${unit}`;
  const text = `source ${name}: ${holds} for ${count(wanted)} wanted: every row ${often} times (${+factor.toFixed(2)}x)`;
  return { kind: "upsampled", text };
}

function checkOptions({ target_total, max_repeats }: MixOptions): void {
  if (target_total !== undefined && !(Number.isSafeInteger(target_total) && target_total > 0)) {
    throw recipeError({
      where: "mix.target_total",
      key: ["mix", "target_total"],
      expected: "a whole number above 0",
      found: String(target_total),
      fix: "give the size of the mix, or leave it out",
    });
  }
  if (!(Number.isInteger(max_repeats) && max_repeats >= 1 && max_repeats <= mostUses)) {
    throw recipeError({
      where: "mix.max_repeats",
      key: ["mix", "max_repeats"],
      expected: "a whole number in 1..65535: the most uses of one row",
      found: String(max_repeats),
      fix: "give 1 to repeat nothing, or a number such as 4",
    });
  }
}

/** Every source with a share must hold something. */
function checkHolds(options: {
  readonly sources: readonly SourceAmounts[];
  readonly available: readonly number[];
  readonly weights: readonly number[];
  readonly unit: string;
}): void {
  const { sources, available, weights, unit } = options;
  sources.forEach(({ name, rows, lost }, i) => {
    if (weights[i] === 0 || available[i] > 0) return;
    throw dataError({
      where: `source ${name} in mix.proportions`,
      key: ["mix", "proportions", name],
      expected: `at least one of the ${unit} its share is taken from`,
      found: rows === 0 ? `no row left${lost ? `: ${lost}` : ""}` : `${counted(rows, "row")} with no ${unit}`,
      fix: `${lookAt}, or set mix.proportions.${name} to 0`,
    });
  });
  if (weights.every((weight) => weight === 0)) {
    throw dataError({
      where: "mix",
      expected: `a source that holds ${unit}`,
      found:
        sources.length === 0
          ? "no sources"
          : sources.map(({ name, lost }) => `nothing left in ${name}${lost ? `: ${lost}` : ""}`).join("; "),
      fix: lookAt,
    });
  }
}

const lookAt =
  "look at the rows: `sluice report` shows examples of every reason, `sluice explain` one row; then mend the recipe or the data";

/** No source may need more than `uses` uses of a row. */
function checkFits(options: {
  readonly sources: readonly SourceAmounts[];
  readonly available: readonly number[];
  readonly weights: readonly number[];
  readonly wanted: readonly number[];
  readonly uses: number;
  readonly unit: string;
  readonly once: number;
}): void {
  const { sources, available, weights, wanted, uses, unit, once } = options;
  const short = sources.map((_, i) => i).filter((i) => wanted[i] > available[i] * uses);
  if (short.length === 0) return;
  const worst = short.reduce((a, b) => (wanted[b] / available[b] > wanted[a] / available[a] ? b : a));
  const needed = Math.ceil(wanted[worst] / available[worst]);
  const share = (available[worst] * uses) / sum(wanted);
  const isShared = weights.filter((weight) => weight > 0).length > 1;
  const fitting = largestFittingTotal(
    available.map((amount) => amount * uses),
    weights,
  );
  const limit = uses === 1 ? "no row used twice" : `no row used more than ${uses} times`;
  throw recipeError({
    where: `mix: ${short.map((i) => `source ${sources[i].name}`).join(", ")}`,
    key: uses === 1 ? ["mix", "shortfall"] : ["mix", "max_repeats"],
    expected: `${limit}: ${short.map((i) => `at most ${count(available[i] * uses)} ${unit} of ${sources[i].name}`).join(", ")}`,
    found: short
      .map(
        (i) => `${count(available[i])} ${unit} of ${sources[i].name} for ${count(wanted[i])} wanted (${times(wanted[i] / available[i])}x)`,
      )
      .join("; "),
    fix: [
      `set mix.target_total to at most ${count(fitting)}`,
      // More uses than a recipe may ask for, and shares that nobody would write, are no advice.
      ...(needed <= mostUses
        ? [`or mix.max_repeats to at least ${count(needed)}${uses === 1 ? " with mix.shortfall: upsample" : ""}`]
        : []),
      ...(isShared && share >= leastShare ? [`or the share of ${sources[worst].name} to at most ${fittingShare(share)}`] : []),
      `or mix.shortfall to shrink (${count(once)} ${unit}, nothing repeated)`,
      "or add rows",
    ].join(", "),
  });
}

/** The most uses of a row that a recipe may allow: they are counted in 16 bits. */
const mostUses = 0xffff;
/** Smaller shares are not advised. */
const leastShare = 0.001;

function times(factor: number): string {
  return count(+factor.toFixed(factor < 100 ? 2 : 0));
}

/** Rounded down, so that the number told does fit. */
function fittingShare(share: number): number {
  const digits = 10 ** Math.max(4, 2 - Math.floor(Math.log10(share)));
  return Math.floor(share * digits) / digits;
}

/** The source that bounds the total: the one used up. */
function scarcest(planned: readonly PlannedSource[]): string {
  const found = planned.reduce((a, b) => (b.factor > a.factor ? b : a));
  return `source ${found.name}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
