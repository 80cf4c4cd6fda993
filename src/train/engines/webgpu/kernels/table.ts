// Rows of a table by id, for ids from place params.first on: taking them, and adding to them where ids may repeat. Of rows with the same id the first adds up all of them, in
// order: no two invocations touch the same place.
import { type Kernel, loads, reads, rowNumber, stores, variants, writes } from "../kernel.ts";
import { elementThreads } from "./elementwise.ts";

interface Vector {
  readonly element: "vec4f" | "f32";
}

/** tableRows of them, of which the first has the id firstRow: rows with other ids are left alone. */
const tableParams = { count: "u32", rows: "u32", first: "u32", firstRow: "u32", tableRows: "u32" } as const;

/** Groups: elements of a row / 256, rows. count: elements of a row. */
export const takeRowsKernel = variants("takeRows", ({ element }: Vector) => ({
  threads: elementThreads,
  buffers: { table: loads(element), ids: reads("u32"), out: stores(element) },
  params: tableParams,
  body: `  let j = group.x * ${elementThreads}u + thread;
  let row = ${rowNumber};
  if (j >= params.count || row >= params.rows) { return; }
  let tableRow = ids[params.first + row] - params.firstRow;
  if (tableRow >= params.tableRows) { return; }
  store_out(row * params.count + j, load_table(tableRow * params.count + j));`,
}));

export const linkThreads = 64;
const isLater = "0x80000000u";

/** links[rows]: the next row with the same id, or `rows`; with the highest bit where an earlier row has it. */
export const linkRowsKernel: Kernel<"ids" | "links", "rows" | "first"> = {
  name: "linkRows",
  threads: linkThreads,
  buffers: { ids: reads("u32"), links: writes("u32") },
  params: { rows: "u32", first: "u32" },
  body: `  let row = group.x * ${linkThreads}u + thread;
  if (row >= params.rows) { return; }
  let id = ids[params.first + row];
  var later = 0u;
  for (var i = 0u; i < row; i++) { if (ids[params.first + i] == id) { later = ${isLater}; break; } }
  var next = row + 1u;
  for (; next < params.rows; next++) { if (ids[params.first + next] == id) { break; } }
  links[row] = next | later;`,
};

/** table[ids[i]] += gradOut[i]. Groups: elements of a row / 256, rows. */
export const addRowsKernel = variants("addRows", ({ element }: Vector) => ({
  threads: elementThreads,
  buffers: { gradOut: loads(element), ids: reads("u32"), links: reads("u32"), table: stores(element) },
  params: tableParams,
  body: `  let j = group.x * ${elementThreads}u + thread;
  let first = ${rowNumber};
  if (j >= params.count || first >= params.rows || links[first] >= ${isLater}) { return; }
  let tableRow = ids[params.first + first] - params.firstRow;
  if (tableRow >= params.tableRows) { return; }
  var sum = ${element}(0.0);
  for (var row = first; row < params.rows; row = links[row] & ~${isLater}) { sum += load_gradOut(row * params.count + j); }
  let at = tableRow * params.count + j;
  store_table(at, load_table(at) + sum);`,
}));
