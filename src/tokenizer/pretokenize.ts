// The pre_tokenizer of a tokenizer.json, for byte-level BPE: a scanner of the kernel where the patterns are known ones,
// splitting by regular expressions where they are others. What is neither throws Unsupported.
import { behaviors, type Behavior, type SplitStage } from "./pretokenize-split.ts";
import { translatePattern } from "./pretokenize-regex.ts";
import { Unsupported } from "./unsupported.ts";

/** A pattern that the kernel cuts words by (assembly/scanners.ts). */
export interface Scanner {
  /** "whole": all text is one word. */
  readonly pattern: "whole" | "gpt2" | "cl100k" | "o200k";
  /** Digits a word may have. */
  readonly digits: number;
  /** A word takes the contraction behind it. */
  readonly contractions: boolean;
}

/** How digits are split off before. */
export type DigitSplit = "individual" | "contiguous";

export interface Pretokenizer {
  /** The fast path: `cut` first splits the text, `scan` each part. */
  readonly scan?: Scanner;
  readonly cut?: DigitSplit;
  /** The general path, where there is no scan. */
  readonly stages: readonly SplitStage[];
  /** A space goes before a text that does not start with one. */
  readonly prefixSpace: boolean;
}

const gpt2Pattern = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

const tail = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const words = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`;
const short = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)`;
const pathTail = String.raw` ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const upper = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const lower = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const prefix = String.raw`[^\r\n\p{L}\p{N}]?`;

const gpt2: Scanner = { pattern: "gpt2", digits: 0, contractions: false };

/** Patterns with a scanner, exactly as written in the files. Each covers all text: isolating matches is all there is to do. */
const scanners: ReadonlyMap<string, Scanner> = new Map([
  [gpt2Pattern, gpt2],
  // Llama 3, cl100k, DBRX, OLMo 2.
  [`${short}|${words}|\\p{N}{1,3}|${tail}`, { pattern: "cl100k", digits: 3, contractions: false }],
  // Qwen 2, 2.5 and 3.
  [`${short}|${words}|\\p{N}|${tail}`, { pattern: "cl100k", digits: 1, contractions: false }],
  // gpt-4o, gpt-oss, Llama 4.
  [
    `${prefix}${upper}*${lower}+${short}?|${prefix}${upper}+${lower}*${short}?|\\p{N}{1,3}|${pathTail}`,
    { pattern: "o200k", digits: 3, contractions: true },
  ],
  // Mistral's Tekken.
  [`${prefix}${upper}*${lower}+|${prefix}${upper}+${lower}*|\\p{N}|${pathTail}`, { pattern: "o200k", digits: 1, contractions: false }],
]);

type Json = Readonly<Record<string, unknown>>;

interface Step {
  readonly scan?: Scanner;
  readonly cut?: DigitSplit;
  readonly stage: () => SplitStage;
}

/** A pre_tokenizer, as parsed JSON; `byte-level` BPE needs ByteLevel as its last step. */
export function createPretokenizer(json: unknown): Pretokenizer {
  const all = flatten(json);
  const last = all.pop();
  if (last?.type !== "ByteLevel") throw new Unsupported(`the pre-tokenizer ${String(last?.type)} as the last step`);
  const steps = all.map(readStep);
  if (last.use_regex !== false) steps.push({ scan: gpt2, stage: () => isolate(gpt2Pattern) });
  const prefixSpace = last.add_prefix_space === true;
  if (prefixSpace && all.length > 0) throw new Unsupported("add_prefix_space after another pre-tokenizer");

  if (steps.length === 0) return { scan: { pattern: "whole", digits: 0, contractions: false }, stages: [], prefixSpace };
  if (steps.length === 1 && steps[0].scan) return { scan: steps[0].scan, stages: [], prefixSpace };
  if (steps.length === 2 && steps[0].cut && steps[1].scan) return { scan: steps[1].scan, cut: steps[0].cut, stages: [], prefixSpace };
  return { stages: steps.map((step) => step.stage()), prefixSpace };
}

function flatten(json: unknown): Json[] {
  if (typeof json !== "object" || json === null) return [];
  const step = json as Json;
  if (step.type !== "Sequence") return [step];
  return Array.isArray(step.pretokenizers) ? step.pretokenizers.flatMap(flatten) : [];
}

function readStep(json: Json): Step {
  if (json.type === "Digits") {
    const individual = json.individual_digits === true;
    const stage = { pattern: /\p{N}/gu, behavior: individual ? "Isolated" : "Contiguous", invert: false } as const;
    return { cut: individual ? "individual" : "contiguous", stage: () => stage };
  }
  if (json.type !== "Split") throw new Unsupported(`the pre-tokenizer ${String(json.type)} before ByteLevel`);
  const behavior = behaviors.find((name) => name === json.behavior);
  if (behavior === undefined) throw new Unsupported(`the Split behaviour ${String(json.behavior)}`);
  const invert = json.invert === true;
  const pattern = readPattern(json.pattern);
  const isolates = behavior === "Isolated" || (behavior === "Removed" && invert);
  const scan = isolates ? scanners.get(pattern.source) : undefined;
  return { scan, stage: () => splitStage(pattern, behavior, invert) };
}

interface Pattern {
  readonly source: string;
  readonly literal: boolean;
}

function readPattern(json: unknown): Pattern {
  const { Regex: regex, String: text } = (json ?? {}) as Json;
  if (typeof regex === "string") return { source: regex, literal: false };
  if (typeof text === "string" && text !== "") return { source: text, literal: true };
  throw new Unsupported(`the Split pattern ${JSON.stringify(json)}`);
}

function splitStage({ source, literal }: Pattern, behavior: Behavior, invert: boolean): SplitStage {
  const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return { pattern: literal ? new RegExp(escaped(source), "gu") : translatePattern(source), behavior, invert };
}

function isolate(pattern: string): SplitStage {
  return { pattern: translatePattern(pattern), behavior: "Isolated", invert: false };
}
