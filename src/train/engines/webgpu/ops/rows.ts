// Ops that work a row at a time: the embedding, RMSNorm, and heads made ready for attention.
import { storages } from "../../../engine.ts";
import type { Ops } from "../../../ops/index.ts";
import type { Device, GpuTensor } from "../device.ts";
import { rowGroups, vectorOf } from "../kernel.ts";
import { piecesOf } from "../pieces.ts";
import { addPartsKernel, columnSumsKernel, columnThreads } from "../kernels/column-sums.ts";
import { elementThreads } from "../kernels/elementwise.ts";
import { addRmsNormKernel, rmsNormBackwardKernel } from "../kernels/norm.ts";
import { normRopeBackwardKernel, normRopeKernel } from "../kernels/rope.ts";
import { addRowsKernel, linkRowsKernel, linkThreads, takeRowsKernel } from "../kernels/table.ts";

type Rows = Pick<Ops<GpuTensor>, "embed" | "embedBackward" | "addRmsNorm" | "rmsNormBackward" | "normRope" | "normRopeBackward">;

interface TableRows {
  readonly rows: number;
  readonly width: number;
  /** Of ids. */
  readonly first?: number;
}

/** More than a table has: of a whole one all rows are meant. */
const allRows = 0xffffffff;

/** out[rows, width] = table[ids]. The table may be in pieces. */
export function takeRows(
  { run }: Device,
  { table, ...others }: { readonly table: GpuTensor; readonly ids: GpuTensor; readonly out: GpuTensor },
  { rows, width, first = 0 }: TableRows,
): void {
  const { element, size } = vectorOf(width);
  const count = width / size;
  for (const { tensor, firstRow, rows: tableRows } of piecesOf(table, allRows)) {
    run(takeRowsKernel({ element }), {
      buffers: { table: tensor, ...others },
      params: { count, rows, first, firstRow, tableRows },
      groups: [Math.ceil(count / elementThreads), ...rowGroups(rows)],
    });
  }
}

/** table[ids] += gradOut[rows, width]. The table may be in pieces. */
export function addRows(
  { run, scratch }: Device,
  { table, ids, gradOut }: { readonly gradOut: GpuTensor; readonly ids: GpuTensor; readonly table: GpuTensor },
  { rows, width, first = 0 }: TableRows,
): void {
  const links = scratch("links between rows", rows, "u32");
  run(linkRowsKernel, { buffers: { ids, links }, params: { rows, first }, groups: [Math.ceil(rows / linkThreads)] });
  const { element, size } = vectorOf(width);
  const count = width / size;
  const groups = [Math.ceil(count / elementThreads), ...rowGroups(rows)] as const;
  for (const { tensor, firstRow, rows: tableRows } of piecesOf(table, allRows)) {
    const buffers = { table: tensor, ids, links, gradOut };
    run(addRowsKernel({ element }), { buffers, params: { count, rows, first, firstRow, tableRows }, groups });
  }
}

/** Rows of a block at least, and blocks at most. */
const blockRows = 64;
const mostBlocks = 256;

interface ColumnSums {
  readonly gradOut: GpuTensor;
  readonly x?: GpuTensor;
  readonly scale?: GpuTensor;
  readonly cosines?: GpuTensor;
  readonly sines?: GpuTensor;
  readonly positions?: GpuTensor;
}

/** out[width] += column sums of gradOut[rows, width], times what its kind says. */
export function addColumnSums(
  { run, scratch }: Device,
  kind: "plain" | "norm" | "rope",
  {
    gradOut,
    x,
    scale,
    cosines,
    sines,
    positions,
    out,
    rows,
    width,
    heads = 1,
  }: ColumnSums & {
    readonly out: GpuTensor;
    readonly rows: number;
    readonly width: number;
    readonly heads?: number;
  },
): void {
  const block = Math.max(blockRows, Math.ceil(rows / mostBlocks));
  const blocks = Math.ceil(rows / block);
  const columns = Math.ceil(width / columnThreads);
  // Longer blocks may be fewer: what shorter ones need is there already.
  const parts = scratch("parts of column sums", Math.min(Math.ceil(rows / blockRows), mostBlocks) * width);
  run(columnSumsKernel({ kind }), {
    buffers: { gradOut, x, scale, cosines, sines, positions, parts },
    params: { rows, width, block, heads },
    groups: [columns, blocks],
  });
  run(addPartsKernel, { buffers: { parts, out }, params: { count: blocks, width }, groups: [columns] });
}

/** A value an invocation fills a workgroup best; in 16 bits four are stored at once. */
function headVectors(headSize: number, ...tensors: readonly GpuTensor[]): ReturnType<typeof vectorOf> {
  return tensors.some(({ storage }) => storages[storage] === 2) ? vectorOf(headSize / 2) : { element: "f32", size: 1 };
}

export function createRows(device: Device): Rows {
  const { run, subgroups } = device;
  return {
    embed: ({ table, ids, out, rows, width }) => takeRows(device, { table, ids, out }, { rows, width }),
    embedBackward: ({ gradOut, ids, gradTable: table, rows, width }) => addRows(device, { gradOut, ids, table }, { rows, width }),
    addRmsNorm({ x, delta, sum, weight, out, scale, rows, width, epsilon }) {
      const { element, size } = vectorOf(width);
      const residual = delta !== undefined && sum !== undefined;
      run(addRmsNormKernel({ element, subgroups, residual }), {
        buffers: { x, delta, sum, weight, out, scale },
        params: { rows, count: width / size, width, epsilon },
        groups: [1, ...rowGroups(rows)],
      });
    },
    rmsNormBackward({ x, weight, scale, gradOut, gradX, gradWeight, rows, width }) {
      const { element, size } = vectorOf(width);
      if (gradWeight) addColumnSums(device, "norm", { gradOut, x, scale, out: gradWeight, rows, width });
      run(rmsNormBackwardKernel({ element, subgroups }), {
        buffers: { x, weight, scale, gradOut, gradX },
        params: { rows, count: width / size, width },
        groups: [1, ...rowGroups(rows)],
      });
    },
    normRope({ x, weight, scale, epsilon, out, cos: cosines, sin: sines, positions, rows, heads, headSize }) {
      const norm = weight !== undefined && scale !== undefined;
      const { element, size } = headVectors(headSize, x, out);
      run(normRopeKernel({ element, norm, inPlace: x.place === out.place, subgroups }), {
        buffers: { x, weight, scale, out, cosines, sines, positions },
        params: { rows, heads, half: headSize / 2 / size, headSize, epsilon },
        groups: [heads, ...rowGroups(rows)],
      });
    },
    normRopeBackward({ gradOut, gradX, x, weight, scale, gradWeight, cos: cosines, sin: sines, positions, rows, heads, headSize }) {
      const norm = x !== undefined && weight !== undefined && scale !== undefined;
      if (norm && gradWeight) {
        const sums = { gradOut, x, scale, cosines, sines, positions, out: gradWeight, rows: rows * heads, width: headSize, heads };
        addColumnSums(device, "rope", sums);
      }
      const { element, size } = headVectors(headSize, gradOut, gradX);
      run(normRopeBackwardKernel({ element, norm, inPlace: gradOut.place === gradX.place, subgroups }), {
        buffers: { gradOut, gradX, x, weight, scale, cosines, sines, positions },
        params: { rows, heads, half: headSize / 2 / size, headSize },
        groups: [heads, ...rowGroups(rows)],
      });
    },
  };
}
