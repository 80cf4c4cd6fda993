// The rules of refusal-rules.ts made ready: regular expressions, hashed words and their trigger bits. Built once, on first use.
import { hashOf } from "./refusal-characters.ts";
import type { WordTable } from "./refusal-encode.ts";
import { patternSource, Vocabulary } from "./refusal-pattern.ts";
import { type RefusalReason, type RefusalRule, rules, triggers, verdictWords } from "./refusal-rules.ts";
import { labelBit, type TriggerTable } from "./refusal-scan.ts";
import { answerLabels, classes, contractions, fillers } from "./refusal-words.ts";

export const refusalReasons = ["refusal", "ai_disclaimer", "no_access", "apology_opening"] as const;

export interface CompiledRule {
  readonly rule: RefusalRule;
  readonly expression: RegExp;
  /** Place in `refusalReasons` of the reason it finds or undoes. */
  readonly slot: number;
  /** Trigger bits a sentence must all have. */
  readonly needs: number;
}

export interface Grammar {
  /** Rules whose needs are within a sentence's trigger bits. */
  rulesOf(bits: number): readonly CompiledRule[];
  /** [bits]: 1 where a rule may find something, in the first sentence and in a later one. */
  readonly wantedFirst: Uint8Array;
  readonly wanted: Uint8Array;
  /** The same in a later sentence once something is found, that may be undone or followed. */
  readonly wantedLater: Uint8Array;
  readonly words: WordTable;
  readonly triggers: TriggerTable;
  /** The words of that table and their bits. */
  readonly triggerWords: ReadonlyMap<string, number>;
  /** Units of the words that begin a conclusion. */
  readonly verdictUnits: ReadonlySet<number>;
  /** Trigger bits of rules about what the assistant itself says. */
  readonly ownBits: number;
}

let grammar: Grammar | undefined;

export function refusalGrammar(): Grammar {
  grammar ??= build();
  return grammar;
}

function build(): Grammar {
  const bits = new Map(Object.keys(triggers).map((name, i) => [name, 1 << i]));
  const bitsOf = (names: readonly string[]): number => names.reduce((all, name) => all | (bits.get(name) ?? 0), 0);
  const triggerWords = triggerWordsOf(bits);
  const vocabulary = new Vocabulary();
  const compiled = rules.map((rule) => ({
    rule,
    expression: new RegExp(patternSource(rule.pattern, classes, vocabulary)),
    slot: refusalReasons.indexOf(rule.undoes ?? (rule.reason as RefusalReason)),
    needs: bitsOf(rule.needs),
  }));
  const all = (1 << bits.size) - 1;
  const ownBits = bitsOf(["self", "we", "sorry", "ai", "own"]);
  const known = new Map<number, readonly CompiledRule[]>();
  const rulesOf = (present: number): readonly CompiledRule[] => {
    let found = known.get(present);
    if (found === undefined) known.set(present, (found = compiled.filter(({ needs }) => (present & needs) === needs)));
    return found;
  };
  return {
    rulesOf,
    ...wantedTables(compiled, all),
    words: wordTable(vocabulary),
    triggers: { ...triggerTable(triggerWords), bits: all, asideBits: all & ~ownBits },
    triggerWords,
    verdictUnits: new Set(verdictWords.split(" ").map((word) => vocabulary.unitOf(word))),
    ownBits,
  };
}

/** Which sentences are wanted, by their bits: a sentence with more bits meets the needs of more rules. */
function wantedTables(compiled: readonly CompiledRule[], all: number): Pick<Grammar, "wantedFirst" | "wanted" | "wantedLater"> {
  const table = new Uint8Array(all + 1);
  for (const { rule, needs } of compiled) {
    const { where, undoes, after } = rule;
    const finds = undoes === undefined && after === undefined;
    table[needs] |= (finds ? 1 : 0) | (finds && where !== "start" ? 2 : 0) | (where !== "start" ? 4 : 0);
  }
  for (let bit = 1; bit <= all; bit *= 2) {
    for (let block = bit; block <= all; block += 2 * bit) {
      for (let bits = block; bits < block + bit; bits++) table[bits] |= table[bits - bit];
    }
  }
  const tables = { wantedFirst: new Uint8Array(all + 1), wanted: new Uint8Array(all + 1), wantedLater: new Uint8Array(all + 1) };
  for (let bits = 0; bits <= all; bits++) {
    tables.wantedFirst[bits] = table[bits] & 1;
    tables.wanted[bits] = (table[bits] >> 1) & 1;
    tables.wantedLater[bits] = table[bits] >> 2;
  }
  return tables;
}

function wordTable(vocabulary: Vocabulary): WordTable {
  const surfaces = new Map<string, readonly string[]>();
  for (const words of Object.values(contractions)) for (const word of words.split(" ")) vocabulary.unitOf(word);
  for (const word of vocabulary.words.keys()) surfaces.set(word, [word]);
  for (const [surface, words] of Object.entries(contractions)) surfaces.set(surface, words.split(" "));
  for (const word of fillers.split(" ")) {
    if (vocabulary.words.has(word)) throw new Error(`"${word}" is both a filler and a word of a refusal rule; take it out of one`);
    surfaces.set(word, []);
  }
  const units = new Uint16Array(2 * surfaces.size + 2);
  const numbers = new Map<string, number>();
  for (const [surface, words] of surfaces) {
    numbers.set(surface, numbers.size + 1);
    words.forEach((word, i) => (units[2 * numbers.size + i] = vocabulary.unitOf(word)));
  }
  return { units, find: finder(numbers) };
}

function triggerWordsOf(bits: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const masks = new Map<string, number>();
  const addBits = (word: string, mask: number): void => void masks.set(word, (masks.get(word) ?? 0) | mask);
  for (const [kind, words] of Object.entries(triggers)) for (const word of words.split(" ")) addBits(word, bits.get(kind) ?? 0);
  for (const [surface, words] of Object.entries(contractions)) {
    for (const word of words.split(" ")) if (masks.has(word)) addBits(surface, masks.get(word) ?? 0);
  }
  for (const word of answerLabels.split(" ")) addBits(word, labelBit);
  return masks;
}

function triggerTable(masks: ReadonlyMap<string, number>): Pick<TriggerTable, "filter" | "find"> {
  const filter = new Uint8Array(1 << 13);
  for (const word of masks.keys()) filter[hashOf(word) >>> 19] = 1;
  return { filter, find: finder(masks) };
}

/** A function from a word's hash to its value, 0 for words that are not there. Words are told apart by 32-bit hash alone. */
function finder(values: ReadonlyMap<string, number>): (hash: number) => number {
  const slots = 1 << Math.ceil(Math.log2(values.size * 4 + 1));
  const hashes = new Int32Array(slots);
  const found = new Int32Array(slots);
  for (const [word, value] of values) {
    const hash = hashOf(word);
    let slot = hash & (slots - 1);
    while (found[slot] !== 0) {
      if (hashes[slot] === hash) throw new Error(`two words of the refusal rules share a hash; one is "${word}"`);
      slot = (slot + 1) & (slots - 1);
    }
    hashes[slot] = hash;
    found[slot] = value;
  }
  return (hash) => {
    let slot = hash & (slots - 1);
    while (found[slot] !== 0) {
      if (hashes[slot] === hash) return found[slot];
      slot = (slot + 1) & (slots - 1);
    }
    return 0;
  };
}
