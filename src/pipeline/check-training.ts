// A recipe's training before any work: what would end it at its start, the memory it takes, and what usually goes wrong.
import { loadTokenizerFiles } from "../io/tokenizer-files.ts";
import { promptOf } from "../tokenizer/prompt.ts";
import { isRefusal, specialTokensOf } from "../tokenizer/template.ts";
import { guardRails } from "../train/guard-rails.ts";
import type { Engine } from "../train/engine.ts";
import type { MemoryPlan } from "../train/memory-plan.ts";
import { modelVocabularyWarnings } from "./check-vocabulary.ts";
import { createEncoder, tokenizerFilesOf } from "./context.ts";
import { templateText } from "./plan.ts";
import type { Recipe } from "./recipe.ts";
import { type BaseModel, checkTrainable } from "./training-setup.ts";

export interface TrainingCheck {
  readonly engine: Engine["name"];
  readonly device: string;
  readonly memory: MemoryPlan;
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/** Throws where training could not begin. What is amiss with single rows (cut, without loss) is told with their source; see check-data.ts. */
export async function checkTraining(recipe: Recipe, base: BaseModel): Promise<TrainingCheck> {
  const bytes = await loadTokenizerFiles(recipe.tokenizer);
  const files = tokenizerFilesOf(recipe.tokenizer, bytes);
  const { encoder, tokenizer } = createEncoder(recipe, files, templateText(recipe, bytes));
  const { eos_token: eosToken, pad_token: padToken } = specialTokensOf(files.config);
  const question = promptOf([{ role: "user", content: "x" }], { encoder, tokenizer, eosToken: undefined });
  const { name, device, memory } = await checkTrainable(base, recipe.train);
  const { warnings, notes } = guardRails({
    settings: recipe.train,
    decontaminated: recipe.decontaminate !== null,
    evalDocuments: recipe.hold_out === null ? 0 : undefined,
    template: {
      name: recipe.chat_template,
      modelHasOwn: files.config.chat_template !== undefined || bytes["chat_template.jinja"] !== undefined,
    },
    endTokenTrained: isRefusal(question) ? undefined : question.endTokens.size > 0,
    padToken,
    eosToken,
    maxPositions: base.config.positions,
    parameters: memory.parameters.total,
  });
  const unlike = await modelVocabularyWarnings({ ...files, vocabSize: tokenizer.vocabSize }, base, recipe.train.init);
  return { engine: name, device, memory, warnings: [...unlike, ...warnings], notes };
}
