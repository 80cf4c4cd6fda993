// The held-out loss: token-weighted over all rows of a feed, nothing trained.
import { addLosses, layBatch, type LaidBatch, type LossSums, sumLosses } from "./batches.ts";
import type { TrainingRow } from "../arrow/training-rows.ts";
import type { Engine, Tensor } from "./engine.ts";
import type { RowFeed } from "./loop.ts";
import type { Model } from "./model/model.ts";
import type { TrainSettings } from "./settings.ts";

type Settings = Pick<TrainSettings, "per_device_train_batch_size" | "assistant_only_loss">;

export async function evaluateLoss<T extends Tensor>(
  engine: Engine<T>,
  model: Model<T>,
  feed: RowFeed,
  settings: Settings,
): Promise<LossSums> {
  let sums: LossSums = { sum: 0, count: 0, bySource: new Map() };
  const run = async (laid: LaidBatch): Promise<void> => {
    if (laid.batch.rows.length === 0) return;
    const { losses } = model.forward(laid.batch);
    sums = addLosses(sums, sumLosses(laid, (await engine.read(losses, 0, laid.batch.rows.length)) as Float32Array));
  };
  let rows: TrainingRow[] = [];
  for await (const row of feed.epoch(0, 0)) {
    rows.push(row);
    if (rows.length < settings.per_device_train_batch_size) continue;
    await run(layBatch(rows, { allTokens: !settings.assistant_only_loss }));
    rows = [];
  }
  if (rows.length > 0) await run(layBatch(rows, { allTokens: !settings.assistant_only_loss }));
  return sums;
}
