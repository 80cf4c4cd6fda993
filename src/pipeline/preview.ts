// What `sluice check` shows before any work: how each source's files are understood, and rows with their trained tokens marked.
import { join } from "node:path";
import { tmpdir } from "node:os";
import { createConverter } from "../io/schemas/index.ts";
import { planFile, readSplit, resolveInputs } from "../io/index.ts";
import { loadTokenizerFiles } from "../io/tokenizer-files.ts";
import { aboutKey } from "../core/errors.ts";
import type { Message } from "../core/row.ts";
import { isRefusal } from "../tokenizer/template.ts";
import { describeMask, type MaskRun } from "../tokenizer/show.ts";
import { createEncoder, createFilters, tokenizerFilesOf } from "./context.ts";
import { resolveEvaluation, templateText } from "./plan.ts";
import type { Recipe } from "./recipe.ts";

/** Records of each source that are looked at. */
const looked = 1000;

export interface SourcePreview {
  readonly name: string;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly format: string; readonly compression: string }[];
  readonly skipped: readonly string[];
  /** Files without records. */
  readonly empty: readonly string[];
  readonly records: number;
  /** All its records were looked at. */
  readonly isWhole: boolean;
  readonly schemas: Readonly<Record<string, number>>;
  readonly malformed: Readonly<Record<string, number>>;
  /** Rows longer than max_length, and rows that the template refuses or that have no token with loss. */
  readonly cut: number;
  readonly refused: number;
  /** Why the first of them was refused. */
  readonly refusal: string | undefined;
  readonly maskedWhole: number;
  readonly shown: readonly ShownRow[];
}

export interface ShownRow {
  readonly id: string;
  readonly messages: readonly Message[];
  readonly tokens: number;
  readonly lossTokens: number;
  /** The rendered text in runs: trained or not. */
  readonly mask: readonly MaskRun[];
  readonly error: string | undefined;
}

export async function previewRecipe(recipe: Recipe, show: number): Promise<readonly SourcePreview[]> {
  const bytes = await aboutKey(["tokenizer"], () => loadTokenizerFiles(recipe.tokenizer));
  const { encoder, tokenizer } = createEncoder(recipe, tokenizerFilesOf(recipe.tokenizer, bytes), templateText(recipe, bytes));
  createFilters(recipe); // options out of range are told now, not after reading
  const cacheDir = join(tmpdir(), "sluice-check");
  for (const path of recipe.decontaminate?.against ?? []) await resolveEvaluation(path, cacheDir);
  const previews: SourcePreview[] = [];
  for (const source of recipe.sources) {
    const { files, skipped } = await aboutKey(["sources", source.name, "path"], () =>
      resolveInputs({ where: `sources.${source.name} path`, path: source.path, cacheDir }),
    );
    const planned = [];
    for (const file of files) planned.push(await planFile(file, { splitBytes: recipe.split_bytes, cacheDir }));
    const convert = createConverter({ format: source.format, columns: source.columns });
    const schemas: Record<string, number> = {};
    const malformed: Record<string, number> = {};
    const shown: ShownRow[] = [];
    let records = 0;
    let cut = 0;
    let refused = 0;
    let refusal: string | undefined;
    let isWhole = true;
    let maskedWhole = 0;
    const see = (id: string, messages: readonly Message[], meta: Readonly<Record<string, unknown>>): void => {
      const encoded = encoder.encode(messages, meta);
      if (isRefusal(encoded)) {
        refused++;
        refusal ??= encoded.error;
      } else {
        if (encoded.cut) cut++;
        if (encoded.lossTokens === 0) maskedWhole++;
      }
      if (shown.length >= show) return;
      const error = isRefusal(encoded) ? encoded.error : undefined;
      const figures = isRefusal(encoded)
        ? { tokens: 0, lossTokens: 0, mask: [] }
        : { tokens: encoded.ids.length, lossTokens: encoded.lossTokens, mask: describeMask(encoded, tokenizer) };
      shown.push({ id, messages, ...figures, error });
    };
    for (const file of planned) {
      for (const split of file.splits) {
        if (records >= looked) {
          isWhole = false;
          break;
        }
        await readSplit(split, { maxRecordBytes: recipe.max_record_bytes }, (item) => {
          if (records >= looked) {
            isWhole = false;
            return;
          }
          records++;
          const converted = "malformed" in item ? item.malformed : convert(item.value);
          if ("reason" in converted) malformed[converted.reason] = (malformed[converted.reason] ?? 0) + 1;
          else {
            schemas[converted.schema] = (schemas[converted.schema] ?? 0) + 1;
            see(`${source.name}/${file.name}#${item.record}`, converted.messages, converted.meta);
          }
        });
      }
    }
    const told = planned.map(({ name, bytes: size, format, compression }) => ({ name, bytes: size, format, compression }));
    const empty = planned.filter(({ splits }) => splits.length === 0).map(({ name }) => name);
    const counts = { records, isWhole, schemas, malformed, cut, refused, refusal, maskedWhole };
    previews.push({ name: source.name, files: told, skipped, empty, ...counts, shown });
  }
  return previews;
}
