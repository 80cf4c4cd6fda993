// The model against transformers: logits, loss and the gradient of every weight, for four families (vectors/train, made by its make.py).
import assert from "node:assert/strict";
import test from "node:test";
import { batchOf, type Document, dot, engines, floats, loadModel, norm, readJson, type Versions, vector } from "../cases/train-fixtures.ts";
import { readSafetensors } from "../cases/safetensors.ts";

interface Answers {
  readonly versions: Versions;
  readonly loss: number;
  readonly documents: readonly Document[];
}

for (const family of ["llama", "mistral", "qwen2", "qwen3"]) {
  const { versions, loss, documents } = readJson<Answers>(family, "batch.json");
  const known = readSafetensors(vector(family, "answers.safetensors"));
  const batch = batchOf(documents);

  for (const [name, create] of Object.entries(engines)) {
    const title = `${family} on ${name}, transformers ${versions.transformers}`;

    test(`${title}: logits`, async () => {
      const engine = await create();
      const model = loadModel(engine, family, { tokens: batch.ids.length });
      const { vocabulary } = model.weights.config;
      const out = engine.allocate({ name: "logits", shape: [batch.ids.length, vocabulary], storage: "f32" });
      model.logits(batch, out);
      const logits = await floats(engine, out);
      const expected = known.get("logits")!;
      assert.deepEqual(expected.shape, [batch.ids.length, vocabulary]);
      logits.forEach((logit, i) => {
        const off = Math.abs(logit - expected.values[i]);
        assert.ok(off <= 1e-4, `token ${Math.floor(i / vocabulary)}, logit ${i % vocabulary}: ${logit}, ${off} off`);
      });
      await engine.close();
    });

    test(`${title}: loss and gradients`, async () => {
      const engine = await create();
      const model = loadModel(engine, family, { tokens: batch.ids.length });
      const gradScale = 1 / batch.rows.length;
      const { losses, supervised } = model.forwardBackward(batch, { gradScale, dropoutSeed: 0 });
      await engine.finish();
      const found = (await floats(engine, losses, supervised)).reduce((sum, each) => sum + each, 0) * gradScale;
      assert.ok(Math.abs(found - loss) <= 1e-5, `loss ${found}, ${loss} expected`);
      const names = model.weights.trained.map((weight) => weight.name);
      assert.deepEqual(names.toSorted(), [...known.keys()].filter((key) => key !== "logits").sort(), "every parameter is trained");
      for (const weight of model.weights.trained) {
        const expected = known.get(weight.name)!.values;
        const gradient = await floats(engine, weight.gradient);
        const cosine = dot(gradient, expected) / (norm(gradient) * norm(expected));
        const length = norm(gradient) / norm(expected);
        assert.ok(cosine >= 0.9999, `${weight.name}: cosine ${cosine}`);
        assert.ok(Math.abs(length - 1) <= 1e-3, `${weight.name}: ${length} of the expected length`);
      }
      await engine.close();
    });
  }
}
