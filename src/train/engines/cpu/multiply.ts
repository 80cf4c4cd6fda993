// Matrix products on the WebAssembly kernels: the right factor is packed, then blocks of the result are shared out.
import { storages } from "../../engine.ts";
import type { Product } from "./blas.ts";
import { chunksOf, type Device } from "./device.ts";
import { widen } from "./storages.ts";

type Base = Omit<Device, "multiply">;

/** As in assembly/product.ts. */
const blockK = 256;
const blockRows = 64;
const panel = 8;
const packPanels = 16;
/** Values of the right factor that are packed at once: 16 MiB. */
const packedValues = 4 * 2 ** 20;
/** And so many of its rows; a multiple of blockK, so that sums are the same as in one go. */
const packedDepth = 4096;
/** Blocks of the result, at least, where it is large enough: work for that many threads. */
const wantedBlocks = 16;
const narrowest = 64;
/** Guesses: floating-point operations a nanosecond of one thread, nanoseconds to pack a value. */
const speed = 20;
const packing = 0.5;

export function multiplyInBlocks({ run, scratch }: Base, product: Product): void {
  const { transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, c, ldc, accumulate } = product;
  const depth = Math.min(k, packedDepth);
  const stripe = Math.min(Math.floor(packedValues / depth / panel), chunksOf(n, panel)) * panel;
  const packed = scratch.take(stripe * depth * 4);
  const strideM = transposeA ? 4 : lda * 4;
  const strideK = transposeA ? lda * 4 : 4;
  const packK = transposeB ? 4 : ldb * 4;
  const packN = transposeB ? ldb * 4 : 4;
  const rowBlocks = chunksOf(m, blockRows);
  for (let from = 0; from < n; from += stripe) {
    const columns = Math.min(stripe, n - from);
    const wanted = Math.min(chunksOf(wantedBlocks, rowBlocks), chunksOf(columns, narrowest));
    const width = chunksOf(chunksOf(columns, wanted), panel) * panel;
    const blocks = chunksOf(columns, width);
    for (let above = 0; above < k; above += depth) {
      const deep = Math.min(depth, k - above);
      run({
        kernel: "PACK_B",
        chunks: chunksOf(deep, blockK) * chunksOf(chunksOf(columns, panel), packPanels),
        work: deep * columns * packing,
        integers: [b + from * packN + above * packK, packK, packN, deep, columns, packed],
      });
      const added = Number(accumulate || above > 0);
      run({
        kernel: "MULTIPLY",
        chunks: rowBlocks * blocks,
        work: (2 * m * columns * deep) / speed,
        integers: [a + above * strideK, strideM, strideK, m, columns, deep, packed, c + from * 4, ldc * 4, added, width, blocks],
        floats: [alpha],
      });
    }
  }
}

/** Any way to multiply f32, for a right factor in bf16 too: a piece of its rows at a time is widened, never the whole. */
export function multiplyWith(base: Base, multiply: (product: Product) => void): Device["multiply"] {
  return (product, storageB = "f32") => {
    if (storageB === "f32") return multiply(product);
    const { transposeB, n, k, a, b, ldb, c, transposeA, lda } = product;
    // Rows of b are columns of the result, or values that are summed over.
    const rows = transposeB ? n : k;
    const width = transposeB ? k : n;
    if (ldb !== width) throw new RangeError("a factor in bf16 lies without gaps");
    const most = Math.max(panel, Math.floor(packedValues / width / blockK) * blockK);
    const wide = base.scratch.take(Math.min(rows, most) * width * 4);
    const mark = base.scratch.mark();
    for (let from = 0; from < rows; from += most) {
      const count = Math.min(most, rows - from);
      widen(base, b + from * width * storages[storageB], wide, count * width);
      const piece = { ...product, b: wide };
      if (transposeB) multiply({ ...piece, n: count, c: c + from * 4 });
      else multiply({ ...piece, k: count, a: a + (transposeA ? from * lda : from) * 4, accumulate: product.accumulate || from > 0 });
      base.scratch.release(mark);
    }
  };
}
