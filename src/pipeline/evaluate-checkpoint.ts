// A checkpoint measured on a run's held-out rows: token-weighted loss, by source, and the behaviour of answers to sample prompts.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { behaviourRates } from "../evaluate/behaviour.ts";
import { answerPrompts } from "../evaluate/sample-answers.ts";
import { dataError } from "../core/errors.ts";
import { meanLosses } from "../train/batches.ts";
import { evaluateLoss } from "../train/evaluate-loss.ts";
import { createModel } from "../train/model/model.ts";
import { sampleTokens } from "../train/settings.ts";
import { shardVocabularyWarnings } from "./check-vocabulary.ts";
import { readTokenizer } from "./context.ts";
import type { Manifest } from "./manifest.ts";
import { openCheckpoint } from "./open-checkpoint.ts";
import { runPaths } from "./paths.ts";
import type { Recipe } from "./recipe.ts";
import { chooseSamples } from "./sample-prompts.ts";
import { createFeed } from "./training-feed.ts";

export interface CheckpointFigures {
  readonly eval_loss: number;
  readonly eval_loss_by_source: Readonly<Record<string, number>>;
  /** Held-out tokens with loss. */
  readonly tokens: number;
  /** Shares of the sample answers. */
  readonly behaviour: Readonly<Record<string, number>>;
  readonly answers: number;
}

export async function evaluateCheckpoint(options: {
  readonly checkpoint: string;
  /** The run's folder. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly settings: Recipe["train"];
  readonly say: (text: string) => void;
}): Promise<CheckpointFigures> {
  const { checkpoint, folder, manifest, settings, say } = options;
  const shards = manifest.shards.filter(({ part }) => part === "eval");
  const feed = createFeed({ folder, shards, shuffleSeed: undefined });
  if (feed.rows === 0) {
    throw dataError({ where: folder, expected: "held-out rows", found: "none", fix: "set hold_out in the recipe and run it again" });
  }
  const opened = await openCheckpoint(checkpoint, { device: settings.device, say });
  const { engine, weights, tokenizer, encoder, eosToken } = opened;
  try {
    const paths = runPaths(folder);
    if (existsSync(join(paths.work, "tokenizer"))) {
      const ofRun = readTokenizer(paths, manifest.recipe as Recipe);
      for (const text of shardVocabularyWarnings(opened.files, ofRun, folder)) say(`warning: ${text}`);
    }
    const tokens = settings.max_length * settings.per_device_train_batch_size;
    const model = createModel(engine, weights, { tokens, storage: "f32", checkpointing: false });
    const sums = await evaluateLoss(engine, model, feed, settings);
    const { loss, bySource } = meanLosses(sums);
    const { prompt: maxPromptTokens } = sampleTokens(settings);
    const samples = chooseSamples({ folder, shards, count: settings.sample_prompts, maxPromptTokens, encoder, tokenizer, eosToken });
    const answers = await answerPrompts(
      samples.map(({ prompt }) => prompt),
      { engine, weights, tokenizer, settings },
    );
    return {
      eval_loss: loss,
      eval_loss_by_source: bySource,
      tokens: sums.count,
      behaviour: behaviourRates(answers.map(({ text }, i) => ({ prompt: samples[i].messages, text }))),
      answers: answers.length,
    };
  } finally {
    await opened.close();
  }
}
