// A rehearsal of a training run: a hundred steps on a few rows as they stand in the files, nothing written. Does it fit, does the loss fall,
// does the model answer and stop? Ends with go or no-go and why.
import { maskOf } from "../core/loss-runs.ts";
import { answerPrompts } from "../evaluate/sample-answers.ts";
import type { TrainingDocument, TrainingRow } from "../arrow/training-rows.ts";
import { loadTokenizerFiles } from "../io/tokenizer-files.ts";
import { packBestFit } from "../tokenizer/pack.ts";
import { type Prompt, promptOf } from "../tokenizer/prompt.ts";
import { isRefusal, specialTokensOf } from "../tokenizer/template.ts";
import type { Tensor } from "../train/engine.ts";
import { runLoop, type RowFeed } from "../train/loop.ts";
import { freshState } from "../train/loop-state.ts";
import { createSchedule } from "../train/schedule.ts";
import { sampleTokens } from "../train/settings.ts";
import { createEncoder, tokenizerFilesOf } from "./context.ts";
import { templateText } from "./plan.ts";
import type { ShownRow } from "./preview.ts";
import type { Recipe } from "./recipe.ts";
import { type BaseModel, setUpTraining } from "./training-setup.ts";

export interface SmokeResult {
  readonly go: boolean;
  /** Why not; empty for go. */
  readonly reasons: readonly string[];
  readonly steps: number;
  /** Mean loss of the first and of the last tenth of the steps, nats a token. */
  readonly loss: { readonly first: number; readonly last: number };
  readonly memory: { readonly planned_bytes: number; readonly peak_bytes: number };
  readonly tokens_per_second: number;
  readonly answers: readonly { readonly prompt: string; readonly text: string; readonly ended: boolean }[];
}

const steps = 100;
const prompts = 3;

export async function smokeTest(
  recipe: Recipe,
  base: BaseModel,
  rows: readonly ShownRow[],
  say: (text: string) => void,
): Promise<SmokeResult> {
  const bytes = await loadTokenizerFiles(recipe.tokenizer);
  const files = tokenizerFilesOf(recipe.tokenizer, bytes);
  const { encoder, tokenizer } = createEncoder(recipe, files, templateText(recipe, bytes));
  const documents = rows.flatMap(({ id, messages }): TrainingDocument[] => {
    const encoded = encoder.encode(messages);
    if (isRefusal(encoded) || encoded.lossTokens === 0) return [];
    const mask = maskOf(encoded.runs);
    return [{ id, ids: Int32Array.from(encoded.ids), labels: Int32Array.from(encoded.ids, (token, i) => (mask[i] ? token : -100)) }];
  });
  const settings = { ...recipe.train, max_steps: steps, eval_strategy: "no" as const, logging_steps: 1 };
  const setup = await setUpTraining(base, { ...recipe, train: settings }, say);
  const { engine, weights, model, optimizer, memory } = setup;
  try {
    const train = repeat(packed(documents, recipe.train.packing ? settings.max_length : 0));
    const losses: number[] = [];
    const started = performance.now();
    let tokens = 0;
    await runLoop<Tensor>({
      engine,
      model,
      optimizer,
      schedule: createSchedule(settings, train.rows),
      settings,
      seed: recipe.seed,
      train,
      evaluation: undefined,
      start: freshState,
      hooks: {
        logged(figures) {
          losses.push(figures.loss);
          tokens = figures.tokens;
          if (figures.step % 20 === 0) say(`step ${figures.step}/${steps}  loss ${figures.loss.toFixed(4)}`);
        },
        evaluated: () => {},
        warned: say,
        save: async () => {},
        stepDone: async () => false,
      },
    });
    const seconds = (performance.now() - started) / 1000;
    const { eos_token: eosToken } = specialTokensOf(files.config);
    const asked = rows
      .flatMap(({ messages }) => askable(messages, (list) => promptOf(list, { encoder, tokenizer, eosToken })))
      .slice(0, prompts);
    const fitting = asked.filter(({ prompt }) => prompt.ids.length <= sampleTokens(settings).prompt);
    const answers = await answerPrompts(
      fitting.map(({ prompt }) => prompt),
      { engine, weights, tokenizer, settings },
    );
    const tenth = Math.max(1, Math.floor(losses.length / 10));
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const loss = { first: mean(losses.slice(0, tenth)), last: mean(losses.slice(-tenth)) };
    const peak = engine.memory().peak;
    const reasons: string[] = [];
    if (!(loss.last < loss.first))
      reasons.push(`the loss did not fall: ${loss.first.toFixed(4)} at first, ${loss.last.toFixed(4)} at the end`);
    if (peak > memory.bytes) reasons.push(`memory went over what was planned: ${peak} of ${memory.bytes} bytes`);
    if (fitting.some(({ prompt }) => prompt.endTokens.size === 0))
      reasons.push("the chat template ends answers with no special token: the model cannot learn to stop");
    if (answers.every(({ text }) => text.trim() === "") && answers.length > 0) reasons.push("the model answers nothing");
    return {
      go: reasons.length === 0,
      reasons,
      steps: losses.length,
      loss,
      memory: { planned_bytes: memory.bytes, peak_bytes: peak },
      tokens_per_second: tokens / seconds,
      answers: answers.map(({ text, ended }, i) => ({ prompt: fitting[i].question, text, ended })),
    };
  } finally {
    await engine.close();
  }
}

interface Asked {
  readonly question: string;
  readonly prompt: Prompt;
}

/** A row's first question as a prompt, where the template takes it. */
function askable(messages: ShownRow["messages"], make: (list: ShownRow["messages"]) => ReturnType<typeof promptOf>): Asked[] {
  const first = messages.findIndex(({ role }) => role === "assistant");
  if (first < 1) return [];
  const prompt = make(messages.slice(0, first));
  return isRefusal(prompt) ? [] : [{ question: messages[first - 1].content, prompt }];
}

/** Rows as the shards would hold them; capacity 0: a document a row. */
function packed(documents: readonly TrainingDocument[], capacity: number): TrainingRow[] {
  if (capacity === 0) return documents.map((document) => [document]);
  const { order, binOffsets } = packBestFit(
    Uint32Array.from(documents, ({ ids }) => ids.length),
    capacity,
  );
  return Array.from({ length: binOffsets.length - 1 }, (_, bin) =>
    Array.from(order.subarray(binOffsets[bin], binOffsets[bin + 1]), (place) => documents[place]),
  );
}

function repeat(rows: readonly TrainingRow[]): RowFeed {
  return {
    rows: rows.length,
    async *epoch(_, from) {
      yield* rows.slice(from);
    },
  };
}
