// Rows of a table by id. table[vocabulary, width], ids[rows] -> out[rows, width].
import { integers, normal, type OpPage, rubbish } from "./page.ts";

export interface Embed<F, U = F> {
  readonly table: F;
  readonly ids: U;
  /** Overwritten. */
  readonly out: F;
  readonly rows: number;
  readonly width: number;
}

/** gradTable[ids[i]] += gradOut[i]. */
export interface EmbedBackward<F, U = F> {
  readonly gradOut: F;
  readonly ids: U;
  /** Added to. */
  readonly gradTable: F;
  readonly rows: number;
  readonly width: number;
}

export const embed: OpPage<Embed<Float64Array, Uint32Array>> = {
  bound: 0,
  reference({ table, ids, out, rows, width }) {
    for (let i = 0; i < rows; i++) for (let j = 0; j < width; j++) out[i * width + j] = table[ids[i] * width + j];
  },
  cases: (random) =>
    [
      [5, 7, 3],
      [1, 1, 1],
      [33, 100, 72],
    ].map(([rows, vocabulary, width]) => ({
      name: `${rows} rows of ${vocabulary} x ${width}`,
      args: {
        table: Float64Array.from(normal(random, vocabulary * width), Math.fround),
        ids: integers(random, rows, vocabulary),
        out: rubbish(rows * width),
        rows,
        width,
      },
    })),
};

export const embedBackward: OpPage<EmbedBackward<Float64Array, Uint32Array>> = {
  bound: 1e-6,
  reference({ gradOut, ids, gradTable, rows, width }) {
    for (let i = 0; i < rows; i++) for (let j = 0; j < width; j++) gradTable[ids[i] * width + j] += gradOut[i * width + j];
  },
  cases: (random) =>
    [
      [40, 7, 3],
      [33, 100, 72],
    ].map(([rows, vocabulary, width]) => ({
      name: `${rows} rows into ${vocabulary} x ${width}, ids repeat`,
      args: {
        gradOut: normal(random, rows * width),
        ids: integers(random, rows, vocabulary),
        gradTable: normal(random, vocabulary * width),
        rows,
        width,
      },
    })),
};
