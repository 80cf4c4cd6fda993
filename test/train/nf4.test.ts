// Weights in 4 bits against bitsandbytes, byte for byte (vectors/train/nf4.safetensors, made by nf4.py there).
import assert from "node:assert/strict";
import test from "node:test";
import { dynamicCodebook, quantizeNf4 } from "../../src/train/nf4.ts";
import { engines, floats, readJson, type Versions, vector } from "../cases/train-fixtures.ts";
import { readSafetensors } from "../cases/safetensors.ts";

const { versions, offsets } = readJson<{ versions: Versions; offsets: Record<string, number> }>("nf4.json");
const file = readSafetensors(vector("nf4.safetensors"));
const known = (name: string): Float32Array | Uint8Array => file.get(name)!.values;

test(`the codebook of scales is that of bitsandbytes ${versions.bitsandbytes}`, () => {
  assert.deepEqual(dynamicCodebook(), known("codebook"));
});

for (const [name, offset] of Object.entries(offsets)) {
  const values = Float32Array.from(known(`${name}.values`));

  test(`${name}, ${values.length} values: codes, scale codes, ranges and offset`, () => {
    const found = quantizeNf4(values);
    assert.deepEqual(found.codes, known(`${name}.codes`));
    // A mean of f32 values is good to an ulp or so, and what is taken from it too.
    const ulp = Math.abs(offset) * 2 ** -23;
    assert.ok(Math.abs(found.offset - offset) <= ulp, `offset ${found.offset}, ${offset} expected`);
    assert.deepEqual(found.scaleCodes, known(`${name}.scale_codes`));
    const ranges = known(`${name}.scale_ranges`);
    assert.equal(found.scaleRanges.length, ranges.length);
    found.scaleRanges.forEach((range, i) =>
      assert.ok(Math.abs(range - ranges[i]) <= 2 * ulp, `range ${i}: ${range}, ${ranges[i]} expected`),
    );
    // The CPU library's table errs to a neighbour at times; where a block's range is 0 any code means the same.
    known(`${name}.scale_codes_cpu`).forEach((code, i) => assert.ok(Math.abs(code - found.scaleCodes[i]) <= 1, `scale code ${i}`));
  });

  for (const [engineName, create] of Object.entries(engines)) {
    test(`${name} on ${engineName}: dequantised`, async () => {
      const engine = await create();
      const { codes, scaleCodes, scaleRanges, offset: mean } = quantizeNf4(values);
      const put = (label: string, data: Float32Array | Uint8Array, length = data.length): ReturnType<typeof engine.allocate> => {
        const tensor = engine.allocate({ name: label, shape: [length], storage: data instanceof Uint8Array ? "u8" : "f32" });
        engine.write(tensor, data);
        return tensor;
      };
      const out = put("out", new Float32Array(values.length));
      engine.ops.dequantizeNf4({
        codes: put("codes", codes),
        scaleCodes: put("scale codes", scaleCodes),
        scaleRanges: put("scale ranges", scaleRanges),
        codebook: put("codebook", dynamicCodebook()),
        offset: put("offset", Float32Array.of(mean)),
        out,
        length: values.length,
      });
      const expected = known(`${name}.dequantised`);
      const most = Math.max(...Float32Array.from(expected, Math.abs));
      (await floats(engine, out)).forEach((value, i) => {
        assert.ok(Math.abs(value - expected[i]) <= 1e-6 * most, `value ${i}: ${value}, ${expected[i]} expected`);
      });
      await engine.close();
    });
  }
}
