// Answers of a model to a few prompts, greedy: the same model gives the same texts. Knows prompts as token ids and the model's weights.
import { createRandom } from "../core/random.ts";
import type { Prompt } from "../tokenizer/prompt.ts";
import type { Tokenizer } from "../tokenizer/types.ts";
import type { Engine, Tensor } from "../train/engine.ts";
import { generate } from "../train/generate.ts";
import { createDecoder } from "../train/model/decoder.ts";
import type { Weights } from "../train/model/weights.ts";
import { decoderChunk, sampleTokens, type TrainSettings } from "../train/settings.ts";

export interface SampleAnswer {
  readonly text: string;
  /** True where the model ended by itself; false where it was cut at sample_max_new_tokens. */
  readonly ended: boolean;
}

/** What is asked: a model as its weights stand. */
export interface AnswerOptions<T extends Tensor> {
  readonly engine: Engine<T>;
  readonly weights: Weights<T>;
  readonly tokenizer: Tokenizer;
  readonly settings: TrainSettings;
}

export async function answerPrompts<T extends Tensor>(prompts: readonly Prompt[], options: AnswerOptions<T>): Promise<SampleAnswer[]> {
  if (prompts.length === 0) return [];
  const { engine, weights, tokenizer, settings } = options;
  const { capacity } = sampleTokens(settings);
  const sampling = { temperature: 0, top_p: 1, max_new_tokens: settings.sample_max_new_tokens };
  const decoder = createDecoder(engine, weights, { capacity, chunk: decoderChunk, storage: "f32" });
  try {
    const answers: SampleAnswer[] = [];
    for (const { ids, endTokens } of prompts) {
      const { ids: made, ended } = await generate({ decoder, prompt: ids, endTokens, sampling, random: createRandom(0) });
      answers.push({ text: tokenizer.decode(made), ended: ended === "end" });
    }
    return answers;
  } finally {
    decoder.close();
  }
}
