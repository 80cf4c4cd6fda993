// Reads a training shard's bytes back: packed rows as documents. The columns are those that shards.ts writes; other writers' shards with
// the same columns (32- or 64-bit lists and integers) are read too. Views into the bytes where types allow, no copies of a whole shard.
import { type Data, tableFromIPC, type Table, type Vector } from "apache-arrow";

export interface TrainingDocument {
  /** The row's id; its source is what stands before the first "/". */
  readonly id: string;
  /** ids[tokens] */
  readonly ids: Int32Array;
  /** labels[tokens]: the token's own id where it carries loss, else -100. */
  readonly labels: Int32Array;
}

/** A packed row, or one conversation. */
export type TrainingRow = readonly TrainingDocument[];

export interface TrainingShardView {
  readonly rows: number;
  row(index: number): TrainingRow;
}

/** `where` names the file in errors. Throws an Error that names the file and what is wrong with it. */
export function openTrainingShard(bytes: Uint8Array, where: string): TrainingShardView {
  let table: Table;
  try {
    table = tableFromIPC(bytes);
  } catch (error) {
    throw new Error(`${where} is not a whole Arrow file: ${(error as Error).message}`);
  }
  const column = (name: string): Vector => {
    const found = table.getChild(name);
    if (!found) throw new Error(`${where} has no column ${name}; it has ${table.schema.fields.map((field) => field.name).join(", ")}`);
    return found;
  };
  const inputIds = integerLists(column("input_ids"));
  const labels = integerLists(column("labels"));
  const lengths = integerLists(column("seq_lengths"));
  const names = column("ids");
  return {
    rows: table.numRows,
    row(index) {
      const rowIds = inputIds(index);
      const rowLabels = labels(index);
      const documents = names.get(index) as Vector;
      const documentLengths = lengths(index);
      if (rowIds.length !== rowLabels.length || documentLengths.length !== documents.length)
        throw new Error(`${where} row ${index}: columns of different lengths`);
      let at = 0;
      const row = Array.from(documentLengths, (length, i) => {
        const from = at;
        at += length;
        return { id: documents.get(i) as string, ids: rowIds.subarray(from, at), labels: rowLabels.subarray(from, at) };
      });
      if (at !== rowIds.length) throw new Error(`${where} row ${index}: seq_lengths sum to ${at}, not to its ${rowIds.length} tokens`);
      return row;
    },
  };
}

/** A list column's entries as Int32Array: views of the shard where it holds 32-bit integers. */
function integerLists(vector: Vector): (index: number) => Int32Array {
  const parts = vector.data as readonly Data[];
  return (index) => {
    let place = index;
    let part = 0;
    while (place >= parts[part].length) place -= parts[part++].length;
    const data = parts[part];
    const from = Number(data.valueOffsets[place]);
    const to = Number(data.valueOffsets[place + 1]);
    const { values } = data.children[0];
    return values instanceof Int32Array ? values.subarray(from, to) : Int32Array.from(values.subarray(from, to), Number);
  };
}
