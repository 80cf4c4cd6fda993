// Ops that work a row at a time: the embedding, RMSNorm, and heads made ready for attention.
import { storages } from "../../../engine.ts";
import type { Ops } from "../../../ops/index.ts";
import { chunksOf, type CpuTensor, type Device, optional } from "../device.ts";
import { narrow, widen } from "../storages.ts";
import { addParts } from "./linear.ts";

/** As in assembly/rows.ts: rows of a chunk, forward and backward, and columns of a chunk where rows meet in a table. */
const forwardRows = 16;
const backwardRows = 64;
const gatherRows = 64;
const scatterColumns = 64;

type Rows = Pick<Ops<CpuTensor>, "embed" | "embedBackward" | "addRmsNorm" | "rmsNormBackward" | "normRope" | "normRopeBackward">;

/** Copies rows by number; pointers in bytes. */
export interface RowMove {
  readonly rows: number;
  readonly ids: number;
  readonly table: number;
  readonly count: number;
  readonly width: number;
}

/** rows[i] = table[ids[i]], for values of any storage. */
export function gatherRowsOf({ run }: Device, { rows, ids, table, count, width }: RowMove, valueBytes: number): void {
  run({
    kernel: "GATHER",
    chunks: chunksOf(count, gatherRows),
    work: count * (20 + width * 0.2),
    integers: [table, ids, rows, count, width * valueBytes],
  });
}

/** table[ids[i]] += rows[i], f32. */
export function scatterRowsOf({ run }: Device, { rows, ids, table, count, width }: RowMove): void {
  run({
    kernel: "SCATTER_ADD",
    chunks: chunksOf(width, scatterColumns),
    work: count * width * 0.5,
    integers: [rows, ids, table, count, width],
  });
}

export function createRows(device: Device): Rows {
  const { run, scratch } = device;
  /** Where chunks put their parts of a weight's gradient; nothing where it is frozen. */
  const partsFor = (gradWeight: CpuTensor | undefined, rows: number, width: number): number =>
    gradWeight ? scratch.take(chunksOf(rows, backwardRows) * width * 4) : 0;
  return {
    embed({ table, ids, out, rows, width }) {
      const move = { table: table.offset, ids: ids.offset, count: rows, width };
      const bytes = storages[table.storage];
      if (table.storage === out.storage) return gatherRowsOf(device, { ...move, rows: out.offset }, bytes);
      const taken = scratch.take(rows * width * bytes);
      gatherRowsOf(device, { ...move, rows: taken }, bytes);
      (table.storage === "f32" ? narrow : widen)(device, taken, out.offset, rows * width);
    },
    embedBackward({ gradOut, ids, gradTable, rows, width }) {
      scatterRowsOf(device, { rows: gradOut.offset, ids: ids.offset, table: gradTable.offset, count: rows, width });
    },
    addRmsNorm({ x, delta, sum, weight, out, scale, rows, width, epsilon }) {
      const added = delta && sum;
      run({
        kernel: "ADD_RMS_NORM",
        chunks: chunksOf(rows, forwardRows),
        work: rows * width * 0.5,
        integers: [x.offset, optional(delta), optional(added ? sum : out), weight.offset, out.offset, scale.offset, rows, width],
        floats: [epsilon],
      });
    },
    rmsNormBackward({ x, weight, scale, gradOut, gradX, gradWeight, rows, width }) {
      const parts = partsFor(gradWeight, rows, width);
      run({
        kernel: "RMS_NORM_BACKWARD",
        chunks: chunksOf(rows, backwardRows),
        work: rows * width * 0.7,
        integers: [x.offset, weight.offset, scale.offset, gradOut.offset, gradX.offset, parts, rows, width],
      });
      if (gradWeight) addParts(device, parts, gradWeight, chunksOf(rows, backwardRows), width);
    },
    normRope({ x, weight, scale, epsilon, out, cos, sin, positions, rows, heads, headSize }) {
      const norm = weight && scale;
      run({
        kernel: "NORM_ROPE",
        chunks: chunksOf(rows, forwardRows),
        work: rows * heads * headSize * 0.5,
        integers: [
          x.offset,
          optional(norm && weight),
          optional(norm && scale),
          out.offset,
          cos.offset,
          sin.offset,
          positions.offset,
          rows,
          heads,
          headSize,
        ],
        floats: [epsilon],
      });
    },
    normRopeBackward({ gradOut, gradX, x, weight, scale, gradWeight, cos, sin, positions, rows, heads, headSize }) {
      const norm = x && weight && scale;
      const moved = norm && gradWeight;
      const parts = partsFor(moved, rows, headSize);
      const tensors = [gradOut.offset, gradX.offset, optional(norm && x), optional(norm && weight), optional(norm && scale), parts];
      run({
        kernel: "NORM_ROPE_BACKWARD",
        chunks: chunksOf(rows, backwardRows),
        work: rows * heads * headSize * 0.7,
        integers: [...tensors, cos.offset, sin.offset, positions.offset, rows, heads, headSize],
      });
      if (moved) addParts(device, parts, moved, chunksOf(rows, backwardRows), headSize);
    },
  };
}
