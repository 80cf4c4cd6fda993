// The model one token at a time: keys and values of the tokens so far are cached on the device, and only the last token's logits are read.
import type { Engine, Storage, Tensor } from "../engine.ts";
import { embeddingName, finalNormName, headName, layerNormNames, projections } from "./parameters.ts";
import { createProjection } from "./projection.ts";
import { ropeTables } from "./rope-tables.ts";
import { allocateScratch } from "./scratch.ts";
import { trackAllocations } from "./track-allocations.ts";
import type { Weights } from "./weights.ts";

export interface Decoder {
  /** Tokens the cache holds at most. */
  readonly capacity: number;
  /** Tokens in the cache. */
  readonly length: number;
  /** Forgets the cached tokens. */
  reset(): void;
  /** Appends ids behind the cached tokens; resolves with logits[vocabulary] of what follows the last one. */
  append(ids: Uint32Array): Promise<Float32Array>;
  /** Gives its memory back. */
  close(): void;
}

export interface DecoderOptions {
  readonly capacity: number;
  /** Tokens a forward pass takes; longer prompts go in pieces. */
  readonly chunk: number;
  readonly storage: Storage;
}

export function createDecoder<T extends Tensor>(device: Engine<T>, weights: Weights<T>, options: DecoderOptions): Decoder {
  const { engine, releaseAll } = trackAllocations(device);
  const { ops } = engine;
  const { config } = weights;
  const { capacity, storage } = options;
  const chunk = Math.min(options.chunk, capacity);
  const { width, innerWidth, heads, keyHeads, headSize, vocabulary, normEpsilon: epsilon } = config;
  const keyWidth = keyHeads * headSize;
  const make = (name: string, shape: readonly number[], as: Storage = storage): T =>
    engine.allocate({ name: `decoder ${name}`, shape, storage: as });
  const rope = ropeTables(engine, config, capacity);
  const scratch = allocateScratch(engine, weights, { tokens: chunk, storage });
  const caches = Array.from({ length: config.layers }, (_, layer) => ({
    k: make(`keys of layer ${layer}`, [capacity, keyWidth]),
    v: make(`values of layer ${layer}`, [capacity, keyWidth]),
  }));
  const ids = make("ids", [chunk], "u32");
  const positions = make("positions", [chunk], "u32");
  const lastRow = make("last row", [1], "u32");
  const streams = [make("stream a", [chunk, width]), make("stream b", [chunk, width])];
  const normed = make("normed", [chunk, width]);
  const normScale = make("norm scale", [chunk], "f32");
  const delta = make("delta", [chunk, width]);
  const rawQ = make("raw q", [chunk, heads * headSize]);
  const rawK = make("raw k", [chunk, keyWidth]);
  const q = make("q", [chunk, heads * headSize]);
  const k = make("k", [chunk, keyWidth]);
  const v = make("v", [chunk, keyWidth]);
  const headScale = make("head scale", [chunk, heads], "f32");
  const attended = make("attended", [chunk, heads * headSize]);
  const gate = make("gate", [chunk, innerWidth]);
  const up = make("up", [chunk, innerWidth]);
  const inner = make("inner", [chunk, innerWidth]);
  const last = make("last", [1, width]);
  const logits = make("logits", [1, vocabulary], "f32");
  const table = weights.values.get(embeddingName)!;
  const head = config.tied ? table : weights.values.get(headName)!;
  const projectionOptions = { engine, weights, scratch, dropoutSeed: () => undefined };
  const layers = caches.map((cache, layer) => {
    const names = layerNormNames(layer);
    const [qProj, kProj, vProj, oProj, gateProj, upProj, downProj] = projections.map((name) =>
      createProjection(projectionOptions, layer, name),
    );
    const norms = {
      input: weights.values.get(names.input)!,
      post: weights.values.get(names.post)!,
      q: weights.values.get(names.q),
      k: weights.values.get(names.k),
    };
    return { cache, norms, qProj, kProj, vProj, oProj, gateProj, upProj, downProj, window: config.windows[layer] };
  });
  let length = 0;

  /** Runs rows of ids behind the cache; the last residual and its delta are in what is returned and in `delta`. */
  const forward = (rows: number, start: number): T => {
    let [stream, other] = streams;
    ops.embed({ table, ids, out: stream, rows, width });
    layers.forEach(({ cache, norms, qProj, kProj, vProj, oProj, gateProj, upProj, downProj, window }, layer) => {
      const add = (weight: T, hasDelta: boolean): void => {
        const residual = hasDelta ? { delta, sum: other } : {};
        ops.addRmsNorm({ x: stream, ...residual, weight, out: normed, scale: normScale, rows, width, epsilon });
        if (hasDelta) [stream, other] = [other, stream];
      };
      add(norms.input, layer > 0);
      qProj.forward(normed, rawQ, rows);
      kProj.forward(normed, rawK, rows);
      vProj.forward(normed, v, rows);
      const turn = { ...rope, positions, rows, headSize, epsilon };
      ops.normRope({ x: rawQ, weight: norms.q, scale: norms.q && headScale, out: q, heads, ...turn });
      ops.normRope({ x: rawK, weight: norms.k, scale: norms.k && headScale, out: k, heads: keyHeads, ...turn });
      const place = { at: start * keyWidth, length: rows * keyWidth, accumulate: false };
      ops.copy({ x: k, out: cache.k, ...place });
      ops.copy({ x: v, out: cache.v, ...place });
      ops.cachedAttention({
        q,
        k: cache.k,
        v: cache.v,
        out: attended,
        start,
        rows,
        heads,
        keyHeads,
        headSize,
        scale: headSize ** -0.5,
        window,
      });
      oProj.forward(attended, delta, rows);
      add(norms.post, true);
      gateProj.forward(normed, gate, rows);
      upProj.forward(normed, up, rows);
      ops.swiGlu({ gate, up, out: inner, length: rows * innerWidth });
      downProj.forward(inner, delta, rows);
    });
    ops.addRmsNorm({
      x: stream,
      delta,
      sum: other,
      weight: weights.values.get(finalNormName)!,
      out: normed,
      scale: normScale,
      rows,
      width,
      epsilon,
    });
    return normed;
  };

  return {
    capacity,
    get length() {
      return length;
    },
    reset() {
      length = 0;
    },
    async append(given) {
      if (given.length === 0) throw new RangeError("nothing to append");
      if (length + given.length > capacity) throw new RangeError(`${length + given.length} tokens in a cache for ${capacity}`);
      for (let from = 0; from < given.length; from += chunk) {
        const part = given.subarray(from, Math.min(from + chunk, given.length));
        engine.write(ids, part);
        engine.write(
          positions,
          Uint32Array.from(part, (_, i) => length + i),
        );
        const out = forward(part.length, length);
        length += part.length;
        if (from + chunk < given.length) continue;
        // The last row alone, taken as a row of a table.
        engine.write(lastRow, Uint32Array.of(part.length - 1));
        ops.embed({ table: out, ids: lastRow, out: last, rows: 1, width });
        ops.linear({ x: last, weight: head, out: logits, rows: 1, inputs: width, outputs: vocabulary, alpha: 1, accumulate: false });
      }
      return (await engine.read(logits)) as Float32Array;
    },
    close: releaseAll,
  };
}
