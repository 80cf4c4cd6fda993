// The memory that training takes on an engine: planned before anything is allocated, and where it runs out all the same, told with the settings
// that would fit.
import { mebibytes } from "../core/count.ts";
import { trainingError } from "../core/errors.ts";
import { type DeviceEngine, OutOfMemory } from "../train/engine.ts";
import { type MemoryPlan, planMemory, smallerSettings } from "../train/memory-plan.ts";
import type { ModelConfig } from "../train/model/config.ts";
import type { TrainSettings } from "../train/settings.ts";

export interface TrainingMemory {
  readonly memory: MemoryPlan;
  /** Takes what ops will work in; see CountingEngine. */
  prepare(): void;
}

type Where = Pick<DeviceEngine, "name" | "limits" | "counting">;

/** What training takes. Where that is above the engine's limits, the error says which settings would fit. */
export function planTraining(engine: Where, config: ModelConfig, settings: TrainSettings): TrainingMemory {
  const counting = engine.counting();
  const { totalBytes, tensorBytes } = engine.limits;
  const inAll = totalBytes === Infinity ? "" : `${mebibytes(totalBytes)} in all and `;
  const refuse = (found: string): never => {
    throw trainingError({
      where: `train on ${engine.name}`,
      key: ["train"],
      expected: `at most ${inAll}${mebibytes(tensorBytes)} a tensor`,
      found,
      fix: whatFits(engine, config, settings, totalBytes),
    });
  };
  try {
    const memory = planMemory(config, settings, counting);
    if (memory.bytes > totalBytes) {
      const { name, bytes } = memory.largest;
      refuse(`${mebibytes(memory.bytes)} needed; the largest tensor, ${name}, takes ${mebibytes(bytes)}`);
    }
    return { memory, prepare: () => counting.prepare() };
  } catch (error) {
    if (error instanceof OutOfMemory) return refuse(error.parts.found);
    throw error;
  }
}

/** Runs what trains. Where memory runs out in spite of the plan, the error says which settings take no more than there was. */
export async function withinMemory<R>(engine: Where, config: ModelConfig, settings: TrainSettings, work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OutOfMemory)) throw error;
    throw trainingError({ ...error.parts, fix: whatFits(engine, config, settings, error.granted) });
  }
}

function whatFits(engine: Where, config: ModelConfig, settings: TrainSettings, bytes: number): string {
  for (const { change, plan } of smallerSettings(config, settings, () => engine.counting())) {
    if (plan && plan.bytes <= bytes) return `set ${change}: ${mebibytes(plan.bytes)}`;
  }
  return `no settings of this trainer make this model fit ${bytes === Infinity ? "here" : `in ${mebibytes(bytes)}`}: take a smaller model`;
}
