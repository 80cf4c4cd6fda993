// Seeded choices for the sample texts, and the small grammar they need.
import { createRandom, shuffle } from "../../src/core/random.ts";

export interface Dice {
  pick<T>(items: readonly T[]): T;
  /** Different items, in an order of their own. */
  several<T>(items: readonly T[], count: number): T[];
  /** A whole number in least..most. */
  between(least: number, most: number): number;
  /** True with this probability. */
  chance(share: number): boolean;
  shuffled<T>(items: readonly T[]): T[];
}

export function createDice(seed: number): Dice {
  const random = createRandom(seed);
  const shuffled = <T>(items: readonly T[]): T[] => shuffle([...items], random);
  return {
    pick: (items) => items[random.below(items.length)],
    several: (items, count) => shuffled(items).slice(0, count),
    between: (least, most) => least + random.below(most - least + 1),
    chance: (share) => random.float() < share,
    shuffled,
  };
}

/** "a" or "an" before a word, by its first letter. */
export function a(word: string): string {
  return `${/^(?:[aeio]|u(?!ni|se))/i.test(word) ? "an" : "a"} ${word}`;
}

export function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

/** "1 hour", "2 hours" */
export function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** "x, y and z" */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}

/** Pounds and pence with thousands separators: 1,234.50 */
export function money(pence: number): string {
  const [pounds, rest] = (pence / 100).toFixed(2).split(".");
  return `£${pounds.replace(/\B(?=(\d{3})+$)/g, ",")}${rest === "00" ? "" : `.${rest}`}`;
}
