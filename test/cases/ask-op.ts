// A case of an op's page with the reference's answer, and whether an engine gives the same within the page's bound.
import assert from "node:assert/strict";
import type { Engine, Storage, Tensor } from "../../src/train/engine.ts";
import { type OpName, pages } from "../../src/train/ops/index.ts";
import type { OpCase } from "../../src/train/ops/page.ts";
import { type PlainArgs, runOp, runReference, stored } from "./run-op.ts";

/** bf16 keeps 8 bits, f16 11: what is rounded once may be off by half of the last. */
const roundingBounds: Readonly<Partial<Record<Storage, number>>> = { bf16: 2 ** -8, f16: 2 ** -11 };

export interface Asked {
  readonly op: OpName;
  readonly title: string;
  readonly storage: Storage;
  readonly bound: number;
  readonly args: PlainArgs;
  readonly expected: PlainArgs;
}

export function ask(op: OpName, opCase: OpCase<unknown>, storage: Storage): Asked {
  const args = Object.fromEntries(
    Object.entries(opCase.args as PlainArgs).map(([key, value]) => [key, value instanceof Float64Array ? stored(value, storage) : value]),
  );
  const bound = pages[op].bound + (roundingBounds[storage] ?? 0);
  return { op, title: opCase.name, storage, bound, args, expected: runReference(op, args) };
}

/** shapes: as runOp's. */
export async function assertAnswer(
  engine: Engine<Tensor>,
  { op, title, storage, bound, args, expected }: Asked,
  shapes?: Readonly<Record<string, readonly number[]>>,
): Promise<void> {
  const found = await runOp(engine, op, args, storage, shapes);
  for (const [key, values] of Object.entries(found)) {
    const before = args[key] as Float64Array;
    const after = expected[key] as Float64Array;
    const most = after.reduce((so, value) => Math.max(so, Math.abs(value)), 0);
    for (let i = 0; i < after.length; i++) {
      // What the reference leaves as it was, inputs too, is left as it was to the bit.
      const allowed = after[i] === before[i] ? 0 : bound * (1 + most);
      if (Math.abs(values[i] - after[i]) <= allowed) continue;
      assert.fail(`${op}, ${title}, ${storage}: ${key}[${i}] is ${values[i]}, the reference says ${after[i]} +- ${allowed}`);
    }
  }
}
