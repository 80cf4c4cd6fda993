// What transformers gives every chat template beside the messages: constants, functions, special tokens, a date.
import { Environment } from "@huggingface/jinja";
import type { Value } from "./template-values.ts";

/** The library's variables. */
export interface Scope {
  variables: Map<string, Value>;
  set(name: string, value: unknown): Value;
}

/** The date strftime_now tells templates that insist on one: Llama 3's own default. A clock would make runs differ. */
const fixedDate = new Date(Date.UTC(2024, 6, 26));

export interface ScopeOptions {
  /** bos_token, eos_token ... */
  readonly tokens: Readonly<Record<string, string>>;
  readonly addGenerationPrompt: boolean;
  /** The template has a date of its own for where strftime_now is not defined. */
  readonly givesDate: boolean;
}

export function createScope({ tokens, addGenerationPrompt, givesDate }: ScopeOptions): Scope {
  const scope = new Environment() as unknown as Scope;
  for (const [name, value] of [
    ["false", false],
    ["true", true],
    ["none", null],
  ] as const) {
    scope.set(name, value);
    scope.set(name[0].toUpperCase() + name.slice(1), value);
  }
  scope.set("raise_exception", (message: unknown) => {
    throw new Error(String(message));
  });
  scope.set("range", (from: number, to?: number, step?: number) => range(from, to, step));
  if (!givesDate) scope.set("strftime_now", (format: string) => formatDate(format));
  for (const [name, text] of Object.entries(tokens)) scope.set(name, text);
  scope.set("documents", null);
  scope.set("add_generation_prompt", addGenerationPrompt);
  return scope;
}

function range(from: number, to: number | undefined, step = 1): number[] {
  const [start, end] = to === undefined ? [0, from] : [from, to];
  if (step === 0) throw new Error("range() step must not be zero");
  const numbers: number[] = [];
  for (let i = start; step > 0 ? i < end : i > end; i += step) numbers.push(i);
  return numbers;
}

/** strftime of the fixed date, in English. */
function formatDate(format: string): string {
  const name = (style: "long" | "short", field: "month" | "weekday"): string =>
    new Intl.DateTimeFormat("en-US", { [field]: style, timeZone: "UTC" }).format(fixedDate);
  const fields: Readonly<Record<string, string>> = {
    Y: "2024",
    m: "07",
    d: "26",
    y: "24",
    H: "00",
    M: "00",
    S: "00",
    "%": "%",
    b: name("short", "month"),
    B: name("long", "month"),
    a: name("short", "weekday"),
    A: name("long", "weekday"),
  };
  return format.replace(/%([A-Za-z%])/g, (whole, field: string) => fields[field] ?? whole);
}
