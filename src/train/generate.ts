// Text generation, token by token: greedy, or sampled with temperature and top-p as transformers does it; ends at an end token.
import type { Random } from "../core/random.ts";
import type { Decoder } from "./model/decoder.ts";

export interface Sampling {
  /** 0 is greedy: always the likeliest token. */
  readonly temperature: number;
  /** Sample among the likeliest tokens that together have this probability. */
  readonly top_p: number;
  readonly max_new_tokens: number;
}

export interface Generated {
  /** Without the end token. */
  readonly ids: Uint32Array;
  /** end: an end token came; length: max_new_tokens or the cache was full. */
  readonly ended: "end" | "length";
}

/** `token`, where given, is told each token as it comes. */
export async function generate(options: {
  readonly decoder: Decoder;
  readonly prompt: Uint32Array;
  readonly endTokens: ReadonlySet<number>;
  readonly sampling: Sampling;
  readonly random: Random;
  readonly token?: (id: number) => void;
}): Promise<Generated> {
  const { decoder, prompt, endTokens, sampling, random, token } = options;
  decoder.reset();
  const ids: number[] = [];
  let logits = await decoder.append(prompt);
  while (ids.length < sampling.max_new_tokens) {
    const id = pick(logits, sampling, random);
    if (endTokens.has(id)) return { ids: Uint32Array.from(ids), ended: "end" };
    ids.push(id);
    token?.(id);
    if (decoder.length === decoder.capacity) break;
    logits = await decoder.append(Uint32Array.of(id));
  }
  return { ids: Uint32Array.from(ids), ended: "length" };
}

/** logits[vocabulary] -> a token. Of equal logits the lowest id is taken first. */
export function pick(logits: Float32Array, { temperature, top_p }: Pick<Sampling, "temperature" | "top_p">, random: Random): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  if (temperature === 0) return best;
  const shares = Float64Array.from(logits, (logit) => Math.exp((logit - logits[best]) / temperature));
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (top_p >= 1) return draw(shares.keys(), shares, random.float() * total, best);
  // The smallest set of likeliest tokens with at least top_p of the probability.
  const order = Uint32Array.from(shares.keys()).sort((a, b) => shares[b] - shares[a] || a - b);
  let kept = 0;
  let size = 0;
  while (size < order.length && kept < top_p * total) kept += shares[order[size++]];
  return draw(order.subarray(0, size), shares, random.float() * kept, best);
}

function draw(ids: Iterable<number>, shares: Float64Array, at: number, fallback: number): number {
  let sum = 0;
  for (const id of ids) {
    sum += shares[id];
    if (sum > at) return id;
  }
  return fallback;
}
