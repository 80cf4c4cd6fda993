// The bytes of a WebAssembly module that build.mjs wrote into a *.wasm.ts file.

export function wasmBytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
