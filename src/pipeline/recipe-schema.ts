// The recipe's keys: types, ranges, defaults and a line of help each. The JSON Schema for editors is made from this file.
import { z } from "zod";
import type { FilterDefinition } from "../core/filter.ts";
import { filters as registry } from "../filters/index.ts";
import { engineNames } from "../train/engine.ts";
import { presetNames } from "../train/presets.ts";

const formats = ["auto", "messages", "sharegpt", "alpaca", "prompt-completion", "text"] as const;
const keepOrders = ["source", "longest", "quality", "first", "position"] as const;

const byteUnits: Readonly<Record<string, number>> = { "": 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 };

/** A number of bytes, or a text such as 500MB or 2GiB. The pattern has no flags: a JSON Schema could not carry them. */
const bytes = z
  .union([z.number(), z.string().regex(/^\s*[0-9_]+(\.[0-9]+)?\s*(([kKmMgG][iI]?)?[bB])?\s*$/, "a number of bytes, such as 500MB or 2GiB")])
  .transform((value) => {
    if (typeof value === "number") return value;
    const [, amount, unit] = /^\s*([\d_.]+)\s*([a-z]*)\s*$/i.exec(value) ?? [];
    return Math.round(Number(amount.replaceAll("_", "")) * byteUnits[unit.toLowerCase()]);
  })
  .pipe(z.number().int().positive());

const paths = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((value): readonly string[] => (typeof value === "string" ? [value] : value));
const share = z.number().min(0).max(1);
/** AdamW divides by 1 - beta^step. */
const decay = z.number().min(0).lt(1);
const count = z.number().int().min(1);
/** Of runs and sources: they become names of files. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const nameWords = "letters, digits, dots, dashes and underscores, first a letter or digit";

const source = z
  .strictObject({
    path: paths.describe(
      "A file, glob or folder, or several; hf://, https:// and s3:// too. jsonl, json, csv, tsv, parquet, arrow, each also .gz or .zst.",
    ),
    format: z.enum(formats).default("auto").describe("How records are laid out; auto recognises it."),
    columns: z
      .record(z.string(), z.string())
      .optional()
      .describe("Which of the file's columns hold what: { instruction: question, response: answer }."),
  })
  .describe("A named input.");

const holdOut = z.strictObject({
  fraction: share.default(0.02).describe("Share of rows kept for evaluation, chosen by content before anything else looks at the data."),
  max_rows: z.number().int().min(0).default(500).describe("At most this many rows are held out."),
});

const decontaminate = z.strictObject({
  against: z
    .union([z.string().min(1), z.array(z.string().min(1))])
    .transform((value): readonly string[] => (typeof value === "string" ? [value] : value))
    .default([])
    .describe("Evaluation files whose items must not reach training. The held-out rows are always among them."),
  min_coverage: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe("Share of an item's words, weighted by rarity, that a row must hold word for word."),
  min_run_words: z.number().int().min(8).default(13).describe("Words in a row that one run of that must have."),
  min_reworded_score: z.number().default(0).describe("Log-odds from which a row counts as a rewording; lower finds more and errs more."),
});

const dedup = z.strictObject({
  scope: z
    .enum(["prompt", "response", "conversation"])
    .default("prompt")
    .describe(
      "Which text is compared: prompt (all user turns; system prompts are not compared, so rows that differ in them alone are duplicates), response (all assistant turns), or conversation (every turn, the system prompt too).",
    ),
  threshold: z.number().min(0.2).max(1).default(0.9).describe("Rows at least this similar (Jaccard of word shingles) are near-duplicates."),
  keep: z
    .array(z.enum(keepOrders))
    .min(1)
    .default(["source", "longest", "first"])
    .describe(
      "Who survives: source (recipe order), longest, quality (a number named quality or score in the record), first (a fixed order by content), position (order in the files).",
    ),
  permutations: z
    .number()
    .int()
    .min(16)
    .max(1024)
    .refine((value) => value % 16 === 0, "a multiple of 16")
    .default(128)
    .describe("MinHash values a row; more find more at low thresholds."),
});

const mix = z.strictObject({
  target_total: count.optional().describe("How much the mix holds, in the unit of weigh_by. Left out: the most that repeats nothing."),
  proportions: z.record(z.string(), z.number().min(0)).optional().describe("Share of each source. Left out: what each source holds."),
  weigh_by: z.enum(["rows", "tokens", "loss_tokens"]).default("rows").describe("What target_total and proportions count."),
  temperature: z.number().positive().optional().describe("Flattens the sources' natural shares: share ~ amount ^ (1 / temperature)."),
  max_repeats: z.number().int().min(1).max(65_535).default(4).describe("The most uses of one row; more is an error."),
  shortfall: z
    .enum(["upsample", "shrink", "fail"])
    .default("upsample")
    .describe("A source too small for its share: repeat rows, make the whole mix smaller, or stop."),
});

const train = z.strictObject({
  preset: z.enum(presetNames).optional().describe("Values for a usual scale; keys written beside it win."),
  model: z.string().min(1).optional().describe("A folder in the Hugging Face layout or a Hub id. Left out: the run ends with the shards."),
  init: z.enum(["pretrained", "random"]).default("pretrained").describe("Start from the model's weights or from random ones."),
  method: z.enum(["full", "lora", "qlora"]).default("full").describe("What is trained."),
  max_length: z.number().int().min(8).default(2048).describe("Tokens a row may have; longer rows lose their end."),
  packing: z.boolean().default(true).describe("Several documents share a training row, separated in attention and positions."),
  assistant_only_loss: z
    .boolean()
    .default(true)
    .describe("Loss on the assistant's tokens only; false: on every token (continual pretraining)."),
  learning_rate: z.number().positive().optional().describe("Default: 2e-5 for full, 2e-4 for LoRA."),
  lr_scheduler_type: z
    .enum(["cosine", "linear", "constant", "constant_with_warmup"])
    .default("cosine")
    .describe("The schedule after warmup; constant has none, as in transformers."),
  warmup_ratio: share.default(0.03).describe("Share of the steps over which the learning rate rises from 0."),
  warmup_steps: z.number().int().min(0).optional().describe("The same in whole steps, instead of warmup_ratio; 0 for none."),
  num_train_epochs: z.number().positive().default(1).describe("Passes over the mix."),
  max_steps: count.optional().describe("Stops after this many optimizer steps, whatever num_train_epochs says."),
  per_device_train_batch_size: count.default(1).describe("Rows a forward pass."),
  gradient_accumulation_steps: count.default(8).describe("Forward passes an optimizer step."),
  gradient_checkpointing: z.boolean().default(false).describe("Recompute activations to save memory."),
  weight_decay: z.number().min(0).default(0).describe("AdamW's decay, not for norms and biases."),
  adam_beta1: decay.default(0.9).describe("AdamW's first beta."),
  adam_beta2: decay.default(0.999).describe("AdamW's second beta."),
  adam_epsilon: z.number().positive().default(1e-8).describe("AdamW's epsilon."),
  max_grad_norm: z.number().min(0).default(1).describe("Gradients are clipped to this norm; 0: they are not clipped."),
  bf16: z.boolean().default(false).describe("Store weights and activations as bfloat16."),
  fp16: z.boolean().default(false).describe("Store them as float16 instead, with dynamic loss scaling; for GPUs."),
  r: count.default(16).describe("LoRA rank."),
  lora_alpha: z.number().positive().default(32).describe("LoRA scale: alpha / r."),
  lora_dropout: z.number().min(0).lt(1).default(0).describe("Dropout before LoRA."),
  target_modules: z
    .union([z.string(), z.array(z.string()).min(1)])
    .default("all-linear")
    .describe("Which linear layers LoRA adapts."),
  use_rslora: z.boolean().default(false).describe("Scale by alpha / sqrt(r)."),
  eval_strategy: z.enum(["no", "steps", "epoch"]).default("epoch").describe("When the held-out loss is measured."),
  eval_steps: count.optional().describe("Steps between evaluations for eval_strategy: steps. Default: logging_steps."),
  save_steps: count.optional().describe("Steps between checkpoints besides those at each evaluation and at the end."),
  early_stopping_patience: count.optional().describe("Stop after this many evaluations without improvement; needs an eval_strategy."),
  early_stopping_threshold: z.number().min(0).default(0).describe("What counts as improvement of the evaluation loss."),
  save_total_limit: count.default(2).describe("Checkpoints kept; the best one always is."),
  logging_steps: count.default(10).describe("Steps between lines of metrics.jsonl."),
  save_merged: z.boolean().default(true).describe("After LoRA: also write the whole model with the adapter merged in."),
  sample_prompts: z.number().int().min(0).default(16).describe("Held-out prompts answered before and after training."),
  sample_max_new_tokens: count.default(96).describe("Tokens an answer to a sample prompt may have."),
  device: z
    .enum(["auto", ...engineNames])
    .default("auto")
    .describe("auto takes the best that is there and says which."),
});

/** A filter's options, typed after its defaults. Ranges are checked by the filter itself. */
function filterSchema(filter: FilterDefinition<string, object>): z.ZodType {
  const fields: Record<string, z.ZodType> = {
    action: z.enum(["drop", "flag"]).default(filter.action).describe("What a finding leads to."),
  };
  const help = filter.help as Readonly<Record<string, string>>;
  for (const [name, value] of Object.entries(filter.defaults))
    fields[name] = optionSchema(value)
      .default(value)
      .describe(help[name] ?? "");
  return z.union([z.literal(false), z.literal(true).transform(() => ({})), z.strictObject(fields)]);
}

function optionSchema(value: unknown): z.ZodType {
  if (typeof value === "number") return z.number();
  if (typeof value === "boolean") return z.boolean();
  if (typeof value === "string") return z.string();
  return z.any();
}

const filters = z.strictObject(Object.fromEntries(registry.map((filter) => [filter.name, filterSchema(filter).optional()])));

/** The whole recipe, as written. `train` and the stages with defaults are filled in; see recipe.ts for the frozen form. */
export const recipeSchema = z.strictObject({
  name: z.string().regex(namePattern, nameWords).optional().describe("Names the run: data/runs/<name>. Default: the recipe file's name."),
  seed: z.number().int().min(0).max(0xffff_ffff).default(42).describe("Everything random comes from it."),
  tokenizer: z.string().min(1).describe("A folder with tokenizer.json, or a Hub id."),
  chat_template: z.string().min(1).default("tokenizer").describe("tokenizer (its own), chatml, alpaca, or a .jinja file."),
  sources: z
    .record(z.string().regex(namePattern, `a name of ${nameWords}`), source)
    .refine((value) => Object.keys(value).length > 0, "at least one source")
    .describe("Where the rows come from, by name; the order is the order of priority."),
  max_quarantined: share.default(0.01).describe("The run stops with exit 3 when a larger share of records cannot be read as rows."),
  max_record_bytes: bytes.prefault("64MiB").describe("Longer records are quarantined."),
  memory_limit: bytes.prefault("1GiB").describe("Scratch memory of deduplication; beyond it work is done in parts."),
  split_bytes: bytes.prefault("16MiB").describe("Input bytes a task."),
  hold_out: z
    .union([z.literal(false), holdOut])
    .optional()
    .describe("Rows kept for evaluation."),
  decontaminate: z
    .union([z.literal(false), decontaminate])
    .prefault({})
    .describe("Keeps evaluation data out of training; false turns it off."),
  filters: filters.optional().describe("Which filters run, in this order. Left out: all, with their defaults."),
  dedup: z
    .union([z.literal(false), dedup])
    .prefault({})
    .describe("Removes exact and near duplicates; false turns it off."),
  mix: mix.prefault({}).describe("How much of which source."),
  train: train.prefault({}).describe("Supervised fine-tuning, in Hugging Face's and TRL's words."),
});

export type RecipeInput = z.infer<typeof recipeSchema>;
