// How a training run is told: its speed counts the training alone, wherever evaluations and checkpoints fall.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSpeedometer } from "../../src/pipeline/training-progress.ts";

/** A clock that moves when told, in milliseconds. */
function clock(): { readonly now: () => number; pass(milliseconds: number): void } {
  let time = 0;
  return { now: () => time, pass: (milliseconds) => void (time += milliseconds) };
}

test("an evaluation between two logs takes no training time away and adds none", () => {
  const { now, pass } = clock();
  const speed = createSpeedometer(0, now);
  const step = (): void => {
    pass(1000);
    speed.worked();
  };
  for (let i = 0; i < 8; i++) step();
  pass(5000); // evaluation
  speed.rested();
  pass(300); // checkpoint
  speed.rested();
  step();
  pass(1000);
  assert.equal(speed.tokensPerSecond(1000), 100);
  assert.equal(speed.secondsPerStep(10), 1);
});

test("speed is told from log to log, and counts from the tokens of earlier starts", () => {
  const { now, pass } = clock();
  const speed = createSpeedometer(500, now);
  pass(2000); // the evaluation before the first step
  speed.rested();
  pass(1000);
  assert.equal(speed.tokensPerSecond(600), 100);
  speed.worked();
  pass(2000);
  assert.equal(speed.tokensPerSecond(700), 50);
  assert.equal(speed.secondsPerStep(3), 1);
});
