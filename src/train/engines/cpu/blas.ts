// OpenBLAS through koffi, where both are there: single-precision products on the same memory. Nothing else of BLAS is used.
import { recipeError, type SluiceError } from "../../../core/errors.ts";
import { type Koffi, loadKoffi } from "../koffi.ts";

export interface Blas {
  /** e.g. "OpenBLAS 0.3.21" */
  readonly name: string;
  multiply(args: Product): void;
}

/** Row-major c[m, n] = alpha a[m, k] b[k, n], or added to c. Pointers are bytes into the memory, leading dimensions are values. */
export interface Product {
  /** True: a lies as [k, m]. */
  readonly transposeA: boolean;
  /** True: b lies as [n, k]. */
  readonly transposeB: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly alpha: number;
  readonly a: number;
  readonly lda: number;
  readonly b: number;
  readonly ldb: number;
  readonly c: number;
  readonly ldc: number;
  readonly accumulate: boolean;
}

/** Where OpenBLAS is looked for, when SLUICE_BLAS names no file. */
const names = [
  "libopenblas.so.0",
  "libopenblas.so",
  "libopenblas.dylib",
  "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
  "libopenblas.dll",
];
let threadsNow = 0;
const rowMajor = 101;
const plain = 111;
const transposed = 112;

/** Undefined where koffi or OpenBLAS is missing. Throws where SLUICE_BLAS names a file that cannot be used. */
export function findBlas(memory: WebAssembly.Memory, threads: number): Blas | undefined {
  const wanted = process.env.SLUICE_BLAS ?? "";
  if (wanted === "off") return undefined;
  const koffi = loadKoffi();
  if (!koffi) {
    if (wanted !== "") throw unusable(wanted, "the package koffi is not installed", "npm install koffi");
    return undefined;
  }
  for (const name of wanted === "" ? names : [wanted]) {
    try {
      return open(koffi, name, memory, threads);
    } catch (error) {
      if (wanted !== "") throw unusable(wanted, (error as Error).message, "name the library's file, or off to do without");
    }
  }
  return undefined;
}

function unusable(path: string, found: string, fix: string): SluiceError {
  return recipeError({ where: `environment SLUICE_BLAS=${path}`, expected: "an OpenBLAS library that can be loaded", found, fix });
}

function open(koffi: Koffi, path: string, memory: WebAssembly.Memory, threads: number): Blas {
  const library = koffi.load(path);
  const config = library.func("const char* openblas_get_config()")() as string;
  const setThreads = library.func("void openblas_set_num_threads(int threads)");
  const sgemm = library.func(
    "void cblas_sgemm(int order, int transA, int transB, int m, int n, int k, float alpha, uintptr_t a, int lda, uintptr_t b, int ldb, float beta, uintptr_t c, int ldc)",
  );
  // Shared memory never moves.
  const base = Number(koffi.address(new Uint8Array(memory.buffer)));
  return {
    name: config.split(" ", 2).join(" "),
    multiply({ transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, c, ldc, accumulate }) {
      // Its threads are one setting for the whole process; engines may differ.
      if (threadsNow !== threads) setThreads((threadsNow = threads));
      const ta = transposeA ? transposed : plain;
      const tb = transposeB ? transposed : plain;
      sgemm(rowMajor, ta, tb, m, n, k, alpha, base + a, lda, base + b, ldb, accumulate ? 1 : 0, base + c, ldc);
    },
  };
}
