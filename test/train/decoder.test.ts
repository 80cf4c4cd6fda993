// Generation with cached keys and values: the same logits as a forward pass over the whole text, and how the next token is picked.
import assert from "node:assert/strict";
import test from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { generate, pick } from "../../src/train/generate.ts";
import { createDecoder, type Decoder } from "../../src/train/model/decoder.ts";
import { batchOf, engines, floats, loadModel } from "../cases/train-fixtures.ts";

const ids = Array.from({ length: 23 }, (_, i) => (i * 7 + 3) % 61);

for (const family of ["llama", "mistral", "qwen2", "qwen3"]) {
  for (const [name, create] of Object.entries(engines)) {
    test(`${family} on ${name}: a prompt in pieces, then token by token, gives the logits of the whole text`, async () => {
      const engine = await create();
      const model = loadModel(engine, family, { tokens: ids.length });
      const { vocabulary } = model.weights.config;
      const out = engine.allocate({ name: "logits", shape: [ids.length, vocabulary], storage: "f32" });
      model.logits(batchOf([{ ids, labels: ids.map(() => -100) }]), out);
      const whole = await floats(engine, out);
      const { bytes } = engine.memory();
      const decoder = createDecoder(engine, model.weights, { capacity: 32, chunk: 5, storage: "f32" });
      for (let turn = 0; turn < 2; turn++) {
        decoder.reset();
        for (let from = 0, to = 13; from < ids.length; from = to, to++) {
          const logits = await decoder.append(Uint32Array.from(ids.slice(from, to)));
          logits.forEach((logit, i) => {
            const expected = whole[(to - 1) * vocabulary + i];
            assert.ok(Math.abs(logit - expected) < 1e-4, `after ${to} tokens, logit ${i}: ${logit}, ${expected} expected`);
          });
        }
        assert.equal(decoder.length, ids.length);
      }
      await assert.rejects(decoder.append(new Uint32Array(10)), /33 tokens in a cache for 32/);
      decoder.close();
      assert.equal(engine.memory().bytes, bytes, "its memory is given back");
      await engine.close();
    });
  }
}

/** A decoder that likes id + 1 best, with a vocabulary of 10. */
function counting(capacity = 100): Decoder {
  let length = 0;
  return {
    capacity,
    get length() {
      return length;
    },
    reset: () => void (length = 0),
    append: async (given) => {
      length += given.length;
      return Float32Array.from({ length: 10 }, (_, i) => (i === given.at(-1)! + 1 ? 5 : i / 100));
    },
    close: () => {},
  };
}

test("generation stops at an end token, at max_new_tokens, and where the cache is full", async () => {
  const common = { prompt: Uint32Array.of(0, 1), random: createRandom(1) };
  const sampling = { temperature: 0, top_p: 1, max_new_tokens: 20 };
  const ended = await generate({ ...common, decoder: counting(), endTokens: new Set([6]), sampling });
  assert.deepEqual([[...ended.ids], ended.ended], [[2, 3, 4, 5], "end"]);
  const short = await generate({ ...common, decoder: counting(), endTokens: new Set([6]), sampling: { ...sampling, max_new_tokens: 3 } });
  assert.deepEqual([[...short.ids], short.ended], [[2, 3, 4], "length"]);
  const full = await generate({ ...common, decoder: counting(4), endTokens: new Set(), sampling });
  assert.deepEqual([[...full.ids], full.ended], [[2, 3, 4], "length"]);
});

test("temperature and top-p: shares as the softmax gives them, and only the likeliest that make up top_p", () => {
  const logits = Float32Array.from([0.4, 0.3, 0.2, 0.1], Math.log);
  const random = createRandom(3);
  const shares = (temperature: number, top_p: number): number[] => {
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 20_000; i++) counts[pick(logits, { temperature, top_p }, random)]++;
    return counts.map((count) => count / 20_000);
  };
  const near = (found: readonly number[], expected: readonly number[]): void =>
    found.forEach((share, i) => assert.ok(Math.abs(share - expected[i]) < 0.015, `${found} for ${expected}`));
  near(shares(1, 1), [0.4, 0.3, 0.2, 0.1]);
  near(shares(0.5, 1), [16 / 30, 9 / 30, 4 / 30, 1 / 30]);
  near(shares(1, 0.65), [4 / 7, 3 / 7, 0, 0]);
  near(shares(1, 0.1), [1, 0, 0, 0]);
  near(shares(0, 1), [1, 0, 0, 0]);
});
