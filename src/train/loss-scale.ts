// Dynamic loss scaling for gradients in f16: the loss is multiplied by a power of two, so that small gradients are not rounded to zero, and the
// scale moves with what the gradients allow. Numbers and rules are those of torch.amp.GradScaler (PyTorch 2).

export interface LossScale {
  readonly scale: number;
  /** Steps with finite gradients since the scale last moved. */
  readonly goodSteps: number;
  /** Steps left out because a gradient was not finite. */
  readonly skipped: number;
}

const growth = 2;
const backoff = 0.5;
const growthInterval = 2000;

export const freshLossScale: LossScale = { scale: 65_536, goodSteps: 0, skipped: 0 };

/** finite: whether all gradients of the step were. */
export function nextLossScale({ scale, goodSteps, skipped }: LossScale, finite: boolean): LossScale {
  if (!finite) return { scale: scale * backoff, goodSteps: 0, skipped: skipped + 1 };
  if (goodSteps + 1 < growthInterval) return { scale, goodSteps: goodSteps + 1, skipped };
  return { scale: scale * growth, goodSteps: 0, skipped };
}
