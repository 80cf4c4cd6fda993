// Answers of a model to a few prompts, greedy: the same model gives the same texts. Knows prompts as token ids and the model's decoder.
import { createRandom } from "../core/random.ts";
import { generate } from "../train/generate.ts";
import type { Decoder } from "../train/model/decoder.ts";
import type { Prompt } from "../tokenizer/prompt.ts";
import type { Tokenizer } from "../tokenizer/types.ts";

export interface SampleAnswer {
  readonly text: string;
  /** True where the model ended by itself; false where it was cut at max_new_tokens. */
  readonly ended: boolean;
}

export async function answerPrompts(
  prompts: readonly Prompt[],
  options: { readonly decoder: Decoder; readonly tokenizer: Tokenizer; readonly max_new_tokens: number },
): Promise<SampleAnswer[]> {
  const { decoder, tokenizer, max_new_tokens } = options;
  const answers: SampleAnswer[] = [];
  for (const { ids, endTokens } of prompts) {
    const sampling = { temperature: 0, top_p: 1, max_new_tokens };
    const { ids: made, ended } = await generate({ decoder, prompt: ids, endTokens, sampling, random: createRandom(0) });
    answers.push({ text: tokenizer.decode(made), ended: ended === "end" });
  }
  return answers;
}
