// What to say about a training run before its first step: settings and data that usually go wrong (warnings), and what is handled but may
// surprise (notes). What cannot work is an error elsewhere.
import { presets, type PresetName } from "./presets.ts";
import { learningRateOf, type TrainSettings } from "./settings.ts";

/** What is known; a fact that is missing is not judged. */
export interface TrainingFacts {
  readonly settings: TrainSettings & { readonly preset?: PresetName | undefined };
  /** Conversations, rows of the training shards, and conversations cut at max_length. */
  readonly documents?: number;
  readonly rows?: number;
  readonly cut?: number;
  /** Held-out conversations with loss. */
  readonly evalDocuments?: number;
  /** Held-out rows are kept out of training, their rewordings too. */
  readonly decontaminated?: boolean;
  /** The recipe's chat_template, and whether the tokenizer brings another one. */
  readonly template?: { readonly name: string; readonly modelHasOwn: boolean };
  /** The token that ends an answer carries loss. */
  readonly endTokenTrained?: boolean;
  readonly padToken?: string | undefined;
  readonly eosToken?: string | undefined;
  /** Conversations without any token that carries loss. */
  readonly maskedWhole?: number;
  readonly maxPositions?: number;
  /** Values of all weights. */
  readonly parameters?: number;
}

/** transformers' and PEFT's usual ranges: adapters take about ten times the rate of all weights. */
const usualRates = { full: [1e-5, 5e-5], lora: [1e-4, 5e-4], qlora: [1e-4, 5e-4] } as const;
/** Full training from random weights, or on all tokens, takes more. */
const pretrainingRates = [5e-5, 3e-3] as const;
/** Below this many parameters a model takes, and needs, larger steps: narrow layers move less at the same rate. */
const smallModel = 100e6;
const smallModelFactor = 20;
/** Fewer conversations than this are little data for many epochs. */
const littleData = 1000;
const manyEpochs = 3;

export interface GuardRails {
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

export function guardRails(facts: TrainingFacts): GuardRails {
  const { settings, documents, rows, cut, template, evalDocuments, maskedWhole } = facts;
  const warnings: string[] = [];
  const notes: string[] = [];
  const rate = learningRateOf(settings);
  const [least, usual] = settings.method === "full" && !settings.assistant_only_loss ? pretrainingRates : usualRates[settings.method];
  const most = facts.parameters !== undefined && facts.parameters < smallModel ? usual * smallModelFactor : usual;
  if ((rate < least || rate > most) && presetRate(settings) !== rate)
    warnings.push(
      `learning_rate ${rate} is outside ${least} to ${most}, the usual range for ${settings.method}: expect ${rate > most ? "a loss that jumps or a model that forgets" : "a loss that hardly moves"}`,
    );
  if (
    settings.num_train_epochs > manyEpochs &&
    documents !== undefined &&
    documents < littleData &&
    settings.early_stopping_patience === undefined
  )
    warnings.push(
      `${settings.num_train_epochs} epochs on ${documents} conversations: more than ${manyEpochs} on fewer than ${littleData} learn the rows by heart; set early_stopping_patience or fewer num_train_epochs`,
    );
  if (evalDocuments === 0 && settings.eval_strategy !== "no")
    warnings.push("nothing is held out: no evaluation loss, no best checkpoint, no early stopping; set hold_out");
  if (facts.decontaminated === false)
    warnings.push("decontaminate is off: evaluation rows may be inside the training rows, and the evaluation loss would flatter");
  if (cut !== undefined && cut > 0)
    warnings.push(
      `${cut} conversations are longer than max_length ${settings.max_length} and lose their end; raise max_length or drop them with the length filter`,
    );
  if (template && template.name !== "tokenizer" && template.modelHasOwn)
    warnings.push(
      `chat_template ${template.name} is unlike the tokenizer's own: right for a base model, wrong for one already tuned to its own template`,
    );
  if (facts.endTokenTrained === false)
    warnings.push(
      "no end token carries loss: the model will not learn to stop; use a chat template that ends the assistant's turn with a special token",
    );
  if (facts.padToken === undefined && facts.eosToken !== undefined)
    notes.push(
      `the tokenizer has no pad token: nothing is padded here, and generation_config.json names the base model's pad token, or ${facts.eosToken}, for tools that pad; the end token is learned all the same`,
    );
  if (maskedWhole !== undefined && maskedWhole > 0)
    warnings.push(`${maskedWhole} conversations have no token that carries loss and are dropped`);
  if (facts.maxPositions !== undefined && settings.max_length > facts.maxPositions)
    warnings.push(
      `max_length ${settings.max_length} is over the model's ${facts.maxPositions} positions: what is beyond was never seen in its training`,
    );
  const perStep = settings.per_device_train_batch_size * settings.gradient_accumulation_steps;
  if (rows !== undefined && rows < perStep)
    warnings.push(
      `${rows} training rows do not fill one step of ${settings.per_device_train_batch_size} x ${settings.gradient_accumulation_steps}: an epoch is one short step; lower gradient_accumulation_steps`,
    );
  else if (rows !== undefined && rows % perStep !== 0)
    notes.push(
      `${rows} training rows are not a multiple of the ${perStep} of a step: each epoch's last step has ${rows % perStep}; its loss is divided by its own tokens`,
    );
  return { warnings, notes };
}

function presetRate({ preset }: TrainingFacts["settings"]): number | undefined {
  return preset === undefined ? undefined : presets[preset].learning_rate;
}
