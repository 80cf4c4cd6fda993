// Tensors larger than one buffer may be: whole rows of them lie in several buffers, and ops go over the pieces. Weights of large vocabularies
// need it, their gradients and moments too; tensors that shrink with max_length or the batch do not, and ops refuse them in pieces.
import { lengthOf, type Storage } from "../../engine.ts";
import type { GpuTensor } from "./memory.ts";

export interface Piece {
  readonly tensor: GpuTensor;
  /** Of the first dimension. */
  readonly firstRow: number;
  readonly rows: number;
}

/** What rows of a piece are a multiple of, the second where they are long: tiles of products are whole, and vectors of four begin with a piece. */
const units = [64, 4] as const;

/**
 * Rows of each piece but the last, which has no more, or undefined where the tensor is whole. Floats are cut as if they were f32, so that a weight, its
 * gradient and its moments are cut alike. 0: rows are too long. tensorBytes: what a buffer may hold.
 */
export function rowsOfPieces(shape: readonly number[], storage: Storage, tensorBytes: number): number | undefined {
  const bytes = storage === "u8" ? 1 : 4;
  if (lengthOf(shape) * bytes <= tensorBytes) return undefined;
  const fitting = Math.floor(tensorBytes / (lengthOf(shape.slice(1)) * bytes));
  const unit = units.find((size) => size <= fitting);
  if (unit === undefined) return 0;
  const count = Math.ceil(shape[0] / (fitting - (fitting % unit)));
  return Math.ceil(shape[0] / count / unit) * unit;
}

/** A tensor of `rows` rows as pieces; a whole one is one piece. */
export function piecesOf(tensor: GpuTensor, rows: number): readonly Piece[] {
  return tensor.pieces ?? [{ tensor, firstRow: 0, rows }];
}

function pieceOf({ name, pieces }: GpuTensor, i: number): GpuTensor {
  if (!pieces) throw new Error(`${name} is whole beside tensors in pieces`);
  return pieces[i].tensor;
}

/** Calls `each` with the same piece of every tensor, all cut alike, for the first `length` values. Those left out stay undefined. */
export function overPieces<N extends string>(
  tensors: { readonly [K in N]: GpuTensor | undefined },
  length: number,
  each: (pieces: { readonly [K in N]: GpuTensor | undefined }, length: number) => void,
): void {
  const cut = Object.values<GpuTensor | undefined>(tensors).find((tensor) => tensor?.pieces)?.pieces;
  if (!cut) return each(tensors, length);
  let done = 0;
  for (let i = 0; done < length; i++) {
    const pieces = Object.entries<GpuTensor | undefined>(tensors).map(([name, tensor]) => [name, tensor && pieceOf(tensor, i)]);
    const count = Math.min(length - done, cut[i].tensor.length);
    each(Object.fromEntries(pieces) as { readonly [K in N]: GpuTensor | undefined }, count);
    done += count;
  }
}
