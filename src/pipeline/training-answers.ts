// The sample prompts of a training run: answered before and after, kept in generations.jsonl, and how the answers behave.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { behaviourRates } from "../evaluate/behaviour.ts";
import { type AnswerOptions, answerPrompts, type SampleAnswer } from "../evaluate/sample-answers.ts";
import { writeAtomic } from "../io/atomic.ts";
import { readJsonLines } from "../io/json-file.ts";
import type { Tensor } from "../train/engine.ts";
import type { RunPaths } from "./paths.ts";
import type { SamplePrompt } from "./sample-prompts.ts";
import type { GenerationLine, TrainingRecord } from "./training-record.ts";

export interface SampleOptions<T extends Tensor> extends AnswerOptions<T> {
  readonly paths: RunPaths;
  readonly samples: readonly SamplePrompt[];
}

/** The answers of the model as its weights stand. */
function answerSamples<T extends Tensor>(options: SampleOptions<T>): Promise<SampleAnswer[]> {
  return answerPrompts(
    options.samples.map(({ prompt }) => prompt),
    options,
  );
}

/** The untrained model's answers, made once: a later start has trained weights. */
export async function answersBefore<T extends Tensor>(options: SampleOptions<T>, startStep: number): Promise<SampleAnswer[]> {
  const path = beforeFile(options.paths);
  if (startStep > 0 && existsSync(path)) return readJsonLines<SampleAnswer>(path);
  const answers = await answerSamples(options);
  writeAtomic(path, answers.map((answer) => `${JSON.stringify(answer)}\n`).join(""));
  return answers;
}

export function beforeFile(paths: RunPaths): string {
  return join(paths.work, "answers-before.jsonl");
}

/** Asks again, writes generations.jsonl, and compares. */
export async function compareAnswers<T extends Tensor>(
  options: SampleOptions<T>,
  before: readonly SampleAnswer[],
): Promise<Pick<TrainingRecord, "behaviour" | "ended">> {
  const { paths, samples } = options;
  const after = await answerSamples(options);
  const lines = samples.map(({ id, source, messages, reference }, i): GenerationLine => {
    return { id, source, prompt: messages, reference, before: before[i].text, after: after[i].text };
  });
  writeAtomic(paths.generations, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  if (after.length === 0) return { behaviour: [], ended: null };
  const rows = after.length;
  const rates = (answers: readonly SampleAnswer[]): Readonly<Record<string, number>> =>
    behaviourRates(answers.map(({ text }, i) => ({ prompt: samples[i].messages, text })));
  const [first, second] = [rates(before), rates(after)];
  const ended = (answers: readonly SampleAnswer[]): number => answers.filter((answer) => answer.ended).length / rows;
  return {
    behaviour: Object.keys(first).map((name) => ({ name, rows, before: first[name], after: second[name] })),
    ended: { rows, before: ended(before), after: ended(after) },
  };
}
