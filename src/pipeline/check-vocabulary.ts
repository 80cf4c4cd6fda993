// A model and a tokenizer that do not belong together: the model would be shown other tokens than those it was trained on, and nothing fails.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { recipeError } from "../core/errors.ts";
import { loadTokenizerFiles } from "../io/tokenizer-files.ts";
import type { TokenizerFiles } from "../tokenizer/types.ts";
import { type VocabularyDifference, vocabularyDifference } from "../tokenizer/vocabulary-difference.ts";
import { tokenizerFilesOf } from "./context.ts";
import type { Recipe } from "./recipe.ts";
import type { BaseModel } from "./training-setup.ts";

/** Above this share of ids with another text it is another tokenizer; below, reserved tokens put to use. */
const otherTokenizer = 0.01;

/** Warnings of a recipe's tokenizer with the model that is to be trained; throws where the two do not belong together. */
export async function modelVocabularyWarnings(
  recipe: TokenizerFiles & { readonly vocabSize: number },
  model: BaseModel,
  init: Recipe["train"]["init"],
): Promise<string[]> {
  refuseIdsBeyond(model, recipe.vocabSize);
  return init === "pretrained" ? ownTokenizerWarnings(recipe, model) : [];
}

/** Ids beyond the embedding table would read other memory than the table's. */
function refuseIdsBeyond({ reference, config }: BaseModel, vocabSize: number): void {
  if (vocabSize <= config.vocabulary) return;
  throw recipeError({
    where: `train.model: ${reference}`,
    key: ["train", "model"],
    expected: `a vocabulary of at least the tokenizer's ${vocabSize} tokens`,
    found: `${config.vocabulary} (vocab_size)`,
    fix: "name the tokenizer that belongs to this model",
  });
}

/** The model's own tokenizer against the recipe's; none where the model's folder holds no tokenizer. */
async function ownTokenizerWarnings(recipe: TokenizerFiles, model: BaseModel): Promise<string[]> {
  if (recipe.name === model.reference || !existsSync(join(model.folder, "tokenizer.json"))) return [];
  const own = tokenizerFilesOf(model.reference, await loadTokenizerFiles(model.folder));
  const difference = vocabularyDifference(own, recipe);
  const { different, shared, otherMerges } = difference;
  if (different > otherTokenizer * shared) {
    throw recipeError({
      where: `train.model: ${model.reference}, tokenizer: ${recipe.name}`,
      expected: "the tokenizer that the model was trained with",
      found: `${different} of ${shared} ids mean something else to the model: ${exampleOf(difference, "in its own tokenizer", "in the recipe's")}`,
      fix: `name the model's own: tokenizer: ${model.reference}. If its folder holds a wrong tokenizer.json, put the right one there; to train a new vocabulary from nothing, set train.init: random`,
    });
  }
  const warnings: string[] = [];
  if (different > 0) {
    warnings.push(
      `${different} of ${shared} ids mean something else to the model than in tokenizer ${recipe.name}: ${exampleOf(difference, "in the model's own", "in the recipe's")}; right for reserved tokens put to use, wrong for words: name the model's own tokenizer`,
    );
  }
  if (otherMerges) {
    warnings.push(
      `tokenizer ${recipe.name} merges in another order than the model's own: the same text becomes other tokens than the model has seen; name the model's own tokenizer`,
    );
  }
  return warnings;
}

/** A checkpoint's tokenizer against the one that a run's shards were made with: a warning, or an error where they are unlike. */
export function shardVocabularyWarnings(checkpoint: TokenizerFiles, run: TokenizerFiles, folder: string): string[] {
  const difference = vocabularyDifference(checkpoint, run);
  const { different, shared } = difference;
  const found = `${different} of ${shared} ids mean something else in the shards of ${folder}: ${exampleOf(difference, "in the checkpoint's tokenizer", "in the shards")}`;
  if (different > otherTokenizer * shared) {
    throw recipeError({
      where: checkpoint.name,
      expected: "a checkpoint with the tokenizer that the run's shards were made with",
      found,
      fix: "name a run whose recipe has this checkpoint's tokenizer: --run data/runs/<name>",
    });
  }
  return different > 0 ? [`${found}; the loss is that of other tokens`] : [];
}

function exampleOf({ example }: VocabularyDifference, first: string, second: string): string {
  return example === undefined
    ? "none"
    : `id ${example.id} is ${JSON.stringify(example.first)} ${first}, ${JSON.stringify(example.second)} ${second}`;
}
