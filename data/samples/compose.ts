// Puts the samples' rows together: for every source how many rows are apologetic, clean and defective, which are copied, and in which order.
import { codeMakers } from "./code.ts";
import { apologise, defects, exactCopy, largeDefects, nearCopy, otherLanguages } from "./defects.ts";
import { withContext } from "./context.ts";
import { createDice, type Dice } from "./dice.ts";
import { domainMakers } from "./domain.ts";
import { evaluation } from "./evaluation.ts";
import { type Exchange, generalMakers, type Maker } from "./general.ts";
import type { Conversation } from "./layouts.ts";
import { safetyMakers } from "./safety.ts";

export interface Samples {
  readonly general: readonly Conversation[];
  readonly domain: readonly Conversation[];
  readonly code: readonly Conversation[];
  readonly safety: readonly Conversation[];
  /** A little benchmark: what decontamination must keep out of training. */
  readonly evaluation: readonly Exchange[];
}

/** Shares of a source's rows before copies are added; the rest is clean. */
const apologeticShare = 0.75;
const defectiveShare = 0.06;
/** Copies, as shares of the clean rows. */
const exactShare = 0.05;
const nearShare = 0.09;
/** Clean rows of one source that also stand in the next, in all. */
const acrossSources = 14;
const evaluationCopies = 7;
/** Of the clean and the apologetic rows where a source's layout holds conversations. */
const multiTurnShare = 0.08;

interface SourcePlan {
  readonly makers: readonly Maker[];
  readonly rows: number;
  readonly multiTurn: boolean;
  readonly system: string;
}

const plans = {
  general: { makers: generalMakers, rows: 1850, multiTurn: true, system: "You are a helpful assistant. Answer in a few plain sentences." },
  domain: { makers: domainMakers, rows: 1480, multiTurn: false, system: "" },
  code: { makers: codeMakers, rows: 900, multiTurn: false, system: "" },
  safety: { makers: safetyMakers, rows: 400, multiTurn: true, system: "You work for Pennyfern. Keep customers safe." },
} satisfies Record<string, SourcePlan>;

export function composeSamples(seed: number): Samples {
  const dice = createDice(seed);
  const asked = new Set<string>();
  const parts = Object.values(plans).map((plan) => composeSource(plan, dice, asked));
  parts.forEach((part, i) => {
    const next = parts[(i + 1) % parts.length];
    for (const exchange of dice.several(part.clean, acrossSources))
      next.rows.push(single((dice.chance(0.5) ? exactCopy : nearCopy)(dice, exchange)));
  });
  const [general, domain, code, safety] = parts.map(({ rows }) => dice.shuffled(rows));
  return { general, domain, code, safety, evaluation };
}

interface SourcePart {
  readonly rows: Conversation[];
  readonly clean: readonly Exchange[];
}

function composeSource(plan: SourcePlan, dice: Dice, asked: Set<string>): SourcePart {
  const make = (): Exchange => freshExchange(plan.makers, dice, asked);
  const several = <T>(count: number, one: (place: number) => T): T[] => Array.from({ length: Math.round(count) }, (_, place) => one(place));
  const apologetic = several(plan.rows * apologeticShare, () => apologise(dice, make()));
  const defective = several(plan.rows * defectiveShare, (place) => defects[place % defects.length](dice, make()));
  const large = plan.multiTurn ? several(4, (place) => largeDefects[place % 2](dice, make())) : [];
  const clean = several(plan.rows - apologetic.length - defective.length - large.length, make);
  const copied = [
    ...dice.several(clean, Math.round(clean.length * exactShare)).map((exchange) => exactCopy(dice, exchange)),
    ...dice.several(clean, Math.round(clean.length * nearShare)).map((exchange) => nearCopy(dice, exchange)),
    ...dice.several(evaluation, evaluationCopies).map((exchange) => nearCopy(dice, exchange)),
  ];
  const talks = [...apologetic, ...clean].map((exchange) =>
    plan.multiTurn && dice.chance(multiTurnShare) ? conversation(plan, exchange, dice, make) : single(exchange),
  );
  const languages = plan.makers === generalMakers ? otherLanguages : [];
  return { rows: [...talks, ...[...defective, ...large, ...copied, ...languages].map(single)], clean };
}

/** A question that no row has yet, so that only planned copies are copies. */
function freshExchange(makers: readonly Maker[], dice: Dice, asked: Set<string>): Exchange {
  for (;;) {
    const exchange = withContext(dice, dice.pick(makers)(dice));
    const key = exchange.question.toLowerCase();
    if (asked.has(key)) continue;
    asked.add(key);
    return exchange;
  }
}

function single({ question, answer }: Exchange): Conversation {
  return { turns: [question, answer] };
}

function conversation({ system }: SourcePlan, { question, answer }: Exchange, dice: Dice, make: () => Exchange): Conversation {
  const turns = [question, answer];
  for (let more = dice.between(1, 2); more > 0; more--) {
    const next = make();
    turns.push(
      `${dice.pick(["Thank you. Another thing: ", "Good to know. ", "And one more question. ", "That helps. "])}${next.question}`,
      next.answer,
    );
  }
  return dice.chance(0.5) ? { system, turns } : { turns };
}
