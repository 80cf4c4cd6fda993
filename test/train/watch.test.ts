// The evaluation curve's verdicts, the schedule, batches, presets and guard rails: pure parts of the trainer.
import assert from "node:assert/strict";
import test from "node:test";
import { layBatch, meanLosses, sumLosses } from "../../src/train/batches.ts";
import { guardRails, type TrainingFacts } from "../../src/train/guard-rails.ts";
import { freshState, stateFromJson, stateToJson } from "../../src/train/loop-state.ts";
import { createSchedule } from "../../src/train/schedule.ts";
import { freshWatch, type Verdict, watchEvaluation } from "../../src/train/watch.ts";
import { parseRecipe } from "../../src/pipeline/recipe.ts";

const recipeText = (train: string): string => `tokenizer: t\nsources: { a: { path: a.jsonl } }\ntrain: { model: m, ${train} }\n`;
const settingsOf = (train = ""): TrainingFacts["settings"] => parseRecipe(recipeText(train), "r.yaml").recipe.train;

function verdicts(points: readonly (readonly [evalLoss: number, trainLoss?: number])[], train = "", epoch = 2): Verdict[] {
  let state = freshWatch;
  return points.map(([evalLoss, trainLoss], i) => {
    const next = watchEvaluation(state, { step: i + 1, evalLoss, trainLoss }, { settings: settingsOf(train), epoch });
    state = next.state;
    return next.verdict;
  });
}

test("the best evaluation is the lowest; patience counts evaluations without improvement beyond the threshold", () => {
  const found = verdicts([[3], [2], [2.1], [1.9], [1.95], [1.97]], "early_stopping_patience: 2");
  assert.deepEqual(
    found.map(({ isBest }) => isBest),
    [true, true, false, true, false, false],
  );
  assert.deepEqual(
    found.map(({ stop }) => stop),
    [false, false, false, false, false, true],
  );
  const slow = verdicts([[2], [1.95], [1.9]], "early_stopping_patience: 2, early_stopping_threshold: 0.1");
  assert.deepEqual(
    slow.map(({ isBest, stop }) => [isBest, stop]),
    [
      [true, false],
      [true, false],
      [true, true],
    ],
  );
  assert.ok(
    verdicts([[2], [3], [4], [5]]).every(({ stop }) => !stop),
    "no patience, no stop",
  );
});

test("overfitting is told once of each kind: the gap to the training loss, and three evaluations over the best", () => {
  const gap = verdicts([
    [2, 1.9],
    [1.9, 1.5],
    [1.9, 1.2],
  ]);
  assert.deepEqual(
    gap.map(({ warnings }) => warnings.length),
    [0, 1, 0],
  );
  assert.match(gap[1].warnings[0], /0\.40 above the training loss[\s\S]*num_train_epochs/);
  const rise = verdicts([[2], [2.03], [2.03], [2.01], [2.03], [2.04], [2.05], [2.06]]);
  assert.deepEqual(
    rise.map(({ warnings }) => warnings.length),
    [0, 0, 0, 0, 0, 0, 1, 0],
  );
  assert.match(rise[6].warnings[0], /best \(2\.000 at step 1\)/);
  assert.match(gap[1].warnings[0] + rise[6].warnings[0], /by heart.*num_train_epochs.*num_train_epochs/);
});

test("in the first epoch no row was seen twice: the learning rate is blamed, not memory", () => {
  const [, { warnings }] = verdicts(
    [
      [2, 1.9],
      [1.9, 1.5],
    ],
    "",
    0.45,
  );
  assert.match(warnings[0], /too early to learn them by heart: the steps are too large.*try a lower learning_rate/);
  assert.doesNotMatch(warnings[0], /num_train_epochs/);
  const rise = verdicts([[2], [2.03], [2.03], [2.03]], "", 1);
  assert.match(rise[3].warnings[0], /gets worse.*a lower learning_rate or more warmup_steps/);
});

test("steps and learning rates follow transformers: ceilings, warmup from 0, cosine to 0", () => {
  const schedule = createSchedule(
    settingsOf("learning_rate: 1, warmup_ratio: 0.1, num_train_epochs: 2.5, gradient_accumulation_steps: 4"),
    42,
  );
  assert.equal(schedule.stepsPerEpoch, 11);
  assert.equal(schedule.steps, 28);
  assert.equal(schedule.warmupSteps, 3);
  assert.deepEqual([1, 2, 3, 4].map(schedule.learningRate), [0, 1 / 3, 2 / 3, 1]);
  assert.ok(Math.abs(schedule.learningRate(28) - 0.5 * (1 + Math.cos((Math.PI * 24) / 25))) < 1e-12);
  const linear = createSchedule(settingsOf("learning_rate: 1, warmup_ratio: 0, lr_scheduler_type: linear, max_steps: 4"), 42);
  assert.deepEqual([1, 2, 3, 4].map(linear.learningRate), [1, 0.75, 0.5, 0.25]);
});

test("constant has no warmup and constant_with_warmup has, as in transformers; warmup_steps are whole steps", () => {
  const rates = (settings: string): number[] =>
    [1, 2, 3, 4].map(createSchedule(settingsOf(`learning_rate: 1, max_steps: 4, ${settings}`), 42).learningRate);
  assert.deepEqual(rates("lr_scheduler_type: constant, warmup_ratio: 0.5"), [1, 1, 1, 1]);
  assert.deepEqual(rates("lr_scheduler_type: constant, warmup_steps: 2"), [1, 1, 1, 1]);
  assert.deepEqual(rates("lr_scheduler_type: constant_with_warmup, warmup_ratio: 0.5"), [0, 0.5, 1, 1]);
  assert.deepEqual(rates("lr_scheduler_type: constant_with_warmup, warmup_steps: 1"), [0, 1, 1, 1]);
  assert.deepEqual(rates("lr_scheduler_type: linear, warmup_steps: 0"), [1, 0.75, 0.5, 0.25]);
  assert.deepEqual(rates("lr_scheduler_type: linear, warmup_steps: 2"), [0, 0.5, 1, 0.5]);
  assert.throws(() => settingsOf("warmup_steps: 3, warmup_ratio: 0.1"), /train\.warmup_steps\n.*warmup_steps or warmup_ratio\n.*both/);
  assert.throws(() => settingsOf("warmup_steps: 0.1"), /a whole number/);
  assert.equal(settingsOf("max_grad_norm: 0").max_grad_norm, 0);
  const { notes } = parseRecipe(recipeText("lr_scheduler_type: constant, warmup_steps: 3"), "r.yaml");
  assert.match(notes.join(), /train\.warmup_steps \(line 3\) has no effect.*constant_with_warmup/);
});

test("a batch lays documents one behind the other; labels decide which tokens are predicted, a document's first never is", () => {
  const row = [
    { id: "a/f#1", ids: Int32Array.of(5, 6, 7), labels: Int32Array.of(5, -100, 7) },
    { id: "b/f#2", ids: Int32Array.of(8, 9), labels: Int32Array.of(-100, 9) },
  ];
  const laid = layBatch([row], { allTokens: false });
  const { ids, positions, firsts, ends, rows, labels } = laid.batch;
  assert.deepEqual([...ids], [5, 6, 7, 8, 9]);
  assert.deepEqual([...positions], [0, 1, 2, 0, 1]);
  assert.deepEqual([...firsts], [0, 0, 0, 3, 3]);
  assert.deepEqual([...ends], [3, 3, 3, 5, 5]);
  assert.deepEqual([...rows], [1, 3]);
  assert.deepEqual([...labels], [7, 9]);
  const mean = meanLosses(sumLosses(laid, [1, 3]));
  assert.deepEqual(mean, { loss: 2, bySource: { a: 1, b: 3 } });
  const all = layBatch([row], { allTokens: true }).batch;
  assert.deepEqual([...all.labels], [6, 7, 9]);
});

test("the loop's state goes to JSON and back without a bit changed", () => {
  const sums = { sum: 0.1 + 0.2, count: 3, bySource: new Map([["a", { sum: 1 / 3, count: 1 }]]) };
  const best = { step: 4, evalLoss: 2 / 3, trainLoss: undefined };
  const state = {
    ...freshState,
    step: 7,
    sinceLog: sums,
    sinceEval: sums,
    firstEvalLoss: 1 / 7,
    watch: { ...freshWatch, best, recent: [2 / 3] },
  };
  const back = stateFromJson(JSON.parse(JSON.stringify(stateToJson(state))));
  assert.deepEqual(JSON.parse(JSON.stringify(stateToJson(back))), JSON.parse(JSON.stringify(stateToJson(state))));
  assert.deepEqual(back.sinceLog, sums);
  assert.deepEqual(stateFromJson(JSON.parse(JSON.stringify(stateToJson(freshState)))).sinceLog, undefined);
});

test("a preset fills in what the recipe leaves open; what is written beside it wins", () => {
  const settings = settingsOf("preset: 1b-1k, r: 4");
  assert.deepEqual([settings.method, settings.r, settings.early_stopping_patience, settings.num_train_epochs], ["lora", 4, 2, 7]);
  assert.equal(settingsOf("preset: continual-pretraining").assistant_only_loss, false);
});

test("settings that cannot work together are refused, those that do nothing are told", () => {
  assert.throws(
    () => settingsOf("eval_strategy: no, early_stopping_patience: 2"),
    /train\.early_stopping_patience\n.*evaluations to count\n.*eval_strategy: no/,
  );
  assert.equal(settingsOf("preset: 1b-1k, eval_strategy: no").early_stopping_patience, undefined, "a preset's patience gives way");
  const notes = (train: string): string => parseRecipe(recipeText(train), "r.yaml").notes.join("\n");
  assert.match(notes("eval_steps: 5"), /eval_steps \(line 3\) has no effect with eval_strategy: epoch/);
  assert.match(notes("early_stopping_threshold: 0.1"), /without early_stopping_patience/);
  assert.match(notes("r: 4"), /train\.r \(line 3\) has no effect with method: full/);
  assert.equal(
    notes("method: lora, r: 4, eval_strategy: steps, eval_steps: 5, early_stopping_patience: 2, early_stopping_threshold: 0.1"),
    "",
  );
});

test("guard rails: each unusual setting or fact is told, usual ones are not", () => {
  const usual: TrainingFacts = {
    settings: settingsOf("method: lora, num_train_epochs: 2"),
    documents: 5000,
    rows: 800,
    cut: 0,
    evalDocuments: 100,
    decontaminated: true,
    template: { name: "tokenizer", modelHasOwn: true },
    endTokenTrained: true,
    padToken: "<pad>",
    eosToken: "</s>",
    maxPositions: 4096,
  };
  assert.deepEqual(guardRails(usual), { warnings: [], notes: [] });
  const cases: readonly (readonly [Partial<TrainingFacts>, RegExp])[] = [
    [{ settings: settingsOf("learning_rate: 1e-3") }, /learning_rate 0\.001 is outside 0\.00001 to 0\.00005/],
    [{ settings: settingsOf("method: lora, learning_rate: 1e-5") }, /learning_rate 0\.00001[\s\S]*lora/],
    [{ settings: settingsOf("method: lora, num_train_epochs: 5"), documents: 400 }, /5 epochs on 400 conversations/],
    [{ evalDocuments: 0 }, /nothing is held out/],
    [{ decontaminated: false }, /decontaminate is off/],
    [{ cut: 12 }, /12 conversations are longer than max_length/],
    [{ template: { name: "alpaca", modelHasOwn: true } }, /chat_template alpaca is unlike/],
    [{ endTokenTrained: false }, /no end token carries loss/],
    [{ padToken: undefined }, /no pad token/],
    [{ maxPositions: 512 }, /over the model's 512 positions/],
    [{ rows: 805 }, /805 training rows are not a multiple of the 8/],
    [{ settings: settingsOf("method: lora, max_steps: 1") }, /only step is warmup, at learning rate 0.*warmup_steps: 0/],
    [
      { settings: settingsOf("method: lora, max_steps: 4, warmup_steps: 8") },
      /all 4 steps are warmup \(8 steps.*reaches 0\.00007\d* of 0\.0002/,
    ],
    [{ rows: 3 }, /3 training rows do not fill one step/],
  ];
  for (const [change, expected] of cases) {
    const { warnings, notes } = guardRails({ ...usual, ...change });
    const all = [...warnings, ...notes];
    assert.equal(all.length, 1, all.join("\n"));
    assert.match(all[0], expected);
  }
  assert.deepEqual(guardRails({ ...usual, settings: settingsOf("preset: 70b-500k, num_train_epochs: 2") }).warnings, []);
});
