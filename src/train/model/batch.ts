// What a forward pass is fed: documents one behind the other, without padding, and which of their tokens are supervised.
import type { Engine, Tensor } from "../engine.ts";

/** Arrays of length tokens, but for the last two: rows[s] is the token whose next token labels[s] is to be predicted. */
export interface Batch {
  readonly ids: Uint32Array;
  /** The token's place in its document. */
  readonly positions: Uint32Array;
  /** The first token of its document, and the one after its last. */
  readonly firsts: Uint32Array;
  readonly ends: Uint32Array;
  /** rows[supervised], labels[supervised] */
  readonly rows: Uint32Array;
  readonly labels: Uint32Array;
}

/** A batch in the device's memory. */
export interface BatchTensors<T extends Tensor = Tensor> {
  readonly ids: T;
  readonly positions: T;
  readonly firsts: T;
  readonly ends: T;
  readonly supervisedRows: T;
  readonly labels: T;
  /** losses[supervised], nats */
  readonly losses: T;
  readonly rows: number;
  readonly supervised: number;
}

export interface BatchMemory<T extends Tensor = Tensor> {
  readonly tokens: number;
  /** Copies a batch in. Throws a RangeError where it is larger than the memory. */
  load(batch: Batch): BatchTensors<T>;
}

/** Every token of a batch may be supervised. positions: tokens a document may have. */
export function allocateBatch<T extends Tensor>(engine: Engine<T>, tokens: number, positions: number): BatchMemory<T> {
  const make = (name: string, storage: "u32" | "f32" = "u32"): T => engine.allocate({ name: `batch ${name}`, shape: [tokens], storage });
  const tensors = {
    ids: make("ids"),
    positions: make("positions"),
    firsts: make("firsts"),
    ends: make("ends"),
    supervisedRows: make("supervised rows"),
    labels: make("labels"),
    losses: make("losses", "f32"),
  };
  return {
    tokens,
    load(batch) {
      if (batch.ids.length > tokens) throw new RangeError(`a batch of ${batch.ids.length} tokens in memory for ${tokens}`);
      for (const position of batch.positions)
        if (position >= positions)
          throw new RangeError(`a document's token ${position}, counted from 0, where ${positions} are planned for`);
      for (const name of ["ids", "positions", "firsts", "ends", "labels"] as const) engine.write(tensors[name], batch[name]);
      engine.write(tensors.supervisedRows, batch.rows);
      return { ...tensors, rows: batch.ids.length, supervised: batch.rows.length };
    },
  };
}
