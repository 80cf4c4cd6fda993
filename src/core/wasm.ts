// Kernels: the WebAssembly modules that build.mjs wrote into *.wasm.ts files.

export function wasmBytes(base64: string): Uint8Array<ArrayBuffer> {
  return Buffer.from(base64, "base64");
}

const compiled = new Map<string, WebAssembly.Module>();

/** A kernel at work in this memory; undefined where this machine's WebAssembly has no SIMD. */
export function createKernelInstance<Exports>(base64: string, memory: WebAssembly.Memory): Exports | undefined {
  let module = compiled.get(base64);
  if (module === undefined) {
    const bytes = wasmBytes(base64);
    if (!WebAssembly.validate(bytes)) return undefined;
    compiled.set(base64, (module = new WebAssembly.Module(bytes)));
  }
  return new WebAssembly.Instance(module, { env: { memory, abort } }).exports as Exports;
}

function abort(): never {
  throw new Error("a WebAssembly kernel stopped");
}
