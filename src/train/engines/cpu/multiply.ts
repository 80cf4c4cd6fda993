// Matrix products on the WebAssembly kernels: the right factor is packed, then blocks of the result are shared out.
import type { Product } from "./blas.ts";
import { chunksOf, type Device } from "./device.ts";

/** As in assembly/product.ts. */
const blockK = 256;
const blockRows = 64;
const panel = 8;
const packPanels = 16;
/** Values of the right factor that are packed at once: 16 MiB. */
const packedValues = 4 * 2 ** 20;
/** Blocks of the result, at least, where it is large enough: work for that many threads. */
const wantedBlocks = 16;
const narrowest = 64;
/** Guesses: floating-point operations a nanosecond of one thread, nanoseconds to pack a value. */
const speed = 20;
const packing = 0.5;

export function multiplyInBlocks({ run, scratch }: Omit<Device, "multiply">, product: Product): void {
  const { transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, c, ldc, accumulate } = product;
  const stripe = Math.max(panel, Math.floor(Math.min(packedValues / k, n + panel - 1) / panel) * panel);
  const packed = scratch.take(stripe * k * 4);
  const strideM = transposeA ? 4 : lda * 4;
  const strideK = transposeA ? lda * 4 : 4;
  const packK = transposeB ? 4 : ldb * 4;
  const packN = transposeB ? ldb * 4 : 4;
  for (let from = 0; from < n; from += stripe) {
    const columns = Math.min(stripe, n - from);
    run({
      kernel: "PACK_B",
      chunks: chunksOf(k, blockK) * chunksOf(chunksOf(columns, panel), packPanels),
      work: k * columns * packing,
      integers: [b + from * packN, packK, packN, k, columns, packed],
    });
    const rowBlocks = chunksOf(m, blockRows);
    const wanted = Math.min(chunksOf(wantedBlocks, rowBlocks), chunksOf(columns, narrowest));
    const width = chunksOf(chunksOf(columns, wanted), panel) * panel;
    const blocks = chunksOf(columns, width);
    run({
      kernel: "MULTIPLY",
      chunks: rowBlocks * blocks,
      work: (2 * m * columns * k) / speed,
      integers: [a, strideM, strideK, m, columns, k, packed, c + from * 4, ldc * 4, Number(accumulate), width, blocks],
      floats: [alpha],
    });
  }
}
