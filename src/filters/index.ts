// The registry: a filter is a file here and a line in this list. The order is the order in which a recipe without `filters` runs them.
import type { FilterDefinition } from "../core/filter.ts";
import { empty } from "./empty.ts";
import { format } from "./format.ts";
import { length } from "./length.ts";
import { pattern } from "./pattern.ts";
import { refusal } from "./refusal.ts";
import { repetition } from "./repetition.ts";
import { truncation } from "./truncation.ts";

export const filters: readonly FilterDefinition<string, object>[] = [length, empty, repetition, truncation, format, refusal, pattern];
