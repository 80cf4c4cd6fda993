// The WebAssembly kernel gives bit for bit what the TypeScript one gives.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createTypeScriptKernel, type TextKernel } from "../../src/dedup/kernel.ts";
import { createWasmKernel } from "../../src/dedup/kernel-wasm.ts";
import { createSketcher } from "../../src/dedup/sketch.ts";

const options = { permutations: 128, seed: 11 };
const plain = createTypeScriptKernel(options);
const wasm = createWasmKernel(options);

function answers(kernel: TextKernel, text: string): { words: number; low: Uint32Array; exact: Uint32Array; signatures: Uint32Array[] } {
  const words = kernel.load(text);
  const exact = new Uint32Array(4);
  kernel.exactKey(exact);
  const signatures = words === 0 ? [] : [1, 2, 5].map((n) => kernel.signature(n).slice());
  return { words, low: kernel.low.slice(0, words), exact, signatures };
}

function assertSame(text: string): void {
  assert.ok(wasm, "this machine's WebAssembly has SIMD");
  assert.deepEqual(answers(wasm, text), answers(plain, text));
}

const ascii = fc.string({ unit: fc.constantFrom(..."aAbz09 \t\n.,!?;:'\"`-+*/#=<>$%&^@_|~(){}"), maxLength: 60 });
const anyUnits = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) => String.fromCharCode(...units));

test("any text: words, exact key and signatures are the same", () => {
  const text = fc.oneof(
    ascii,
    anyUnits,
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.tuple(ascii, anyUnits, ascii).map((parts) => parts.join("")),
  );
  fc.assert(fc.property(text, assertSame), { seed: 5, numRuns: 1500 });
});

test("texts longer than WebAssembly reads at once are the same, ASCII or not", () => {
  const words = (count: number, letter: string): string =>
    Array.from({ length: count }, (_, i) => `${letter}${(i * 7919) % 4001}`).join(" ");
  const edge = 32_768;
  for (const length of [edge - 1, edge, edge + 1, edge * 2]) assertSame("ab ".repeat(length).slice(0, length));
  assertSame("x".repeat(edge * 3));
  assertSame("+ ".repeat(edge));
  assertSame(words(40_000, "w"));
  assertSame(words(40_000, "\u00e9"));
  assertSame(`${words(edge + 3, "")} \ud800`);
  assertSame("\u4e2d\u6587".repeat(edge + 5));
});

test("texts that just fit in UTF-8, and those that just do not, are the same", () => {
  for (const end of ["", "\u00e9", "\u4e2d", "\u{1f600}", "\ud83d"])
    for (let cut = 0; cut < 5; cut++) assertSame("a".repeat(32_768 - cut) + end);
});

test("a kernel forgets one text for the next", () => {
  assert.ok(wasm);
  const before = answers(wasm, "one text of five words");
  answers(wasm, "\u00fcber etwas anderes");
  answers(wasm, "x".repeat(70_000));
  assert.deepEqual(answers(wasm, "one text of five words"), before);
});

test("every number of permutations gives the same band keys", () => {
  const text = Array.from({ length: 90 }, (_, i) => `word${i}`).join(" ");
  for (const permutations of [16, 48, 128, 256, 1024]) {
    const sketchers = [createWasmKernel, createTypeScriptKernel].map((create) =>
      createSketcher({ threshold: 0.8, permutations, seed: 3 }, (given) => {
        const kernel = create(given);
        assert.ok(kernel);
        return kernel;
      }),
    );
    const keys = sketchers.map((sketcher) => {
      const found = new Uint32Array(sketcher.slots);
      sketcher.sketch(text, found);
      return found;
    });
    assert.deepEqual(
      sketchers.map(({ kind }) => kind),
      ["wasm", "typescript"],
    );
    assert.deepEqual(keys[0], keys[1]);
    assert.ok(keys[0].some((key) => key !== 0));
  }
});
