// The optional npm package koffi, through which engines call libraries of the machine. Pointers are bigints or numbers (uintptr_t); a typed
// array stands for a pointer to its bytes, which a library may write.
import { createRequire } from "node:module";

export interface Koffi {
  /** Throws where there is no such library. */
  load(path: string): NativeLibrary;
  /** Where a view's bytes are in the process. */
  address(view: Uint8Array): bigint;
}

export interface NativeLibrary {
  /** The function of a C declaration. Throws where the library has none of that name. */
  func(declaration: string): (...args: readonly unknown[]) => unknown;
}

/** Undefined where it is not installed. */
export function loadKoffi(): Koffi | undefined {
  try {
    return createRequire(import.meta.url)("koffi") as Koffi;
  } catch {
    return undefined;
  }
}
