// The recipe's JSON Schema, for editors: keys, types, ranges, defaults and help as they stand in recipe-schema.ts.
// Run as a program it writes pipelines/recipe.schema.json; a test says when that is out of date.
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { writeAtomic } from "../io/atomic.ts";
import { recipeSchema } from "./recipe-schema.ts";

/** The schema of a recipe as people write it, before defaults are filled in. */
export function recipeJsonSchema(): object {
  const schema = z.toJSONSchema(recipeSchema, {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => void dropUnsafeBounds(jsonSchema),
  });
  return { ...schema, title: "A Sluice recipe", description: "What to read, what to keep, how to mix it and how to train on it." };
}

/** As the file stands in git. */
export function recipeJsonSchemaText(): string {
  return `${JSON.stringify(recipeJsonSchema(), null, 2)}\n`;
}

/** zod bounds every whole number by what a double holds exactly; that says nothing to a person. */
function dropUnsafeBounds(schema: { minimum?: unknown; maximum?: unknown }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeAtomic(process.argv[2] ?? "pipelines/recipe.schema.json", Buffer.from(recipeJsonSchemaText()));
