// The registry: a filter is a file here and a line in this list.
import type { FilterDefinition } from "../core/filter.ts";

export const filters: readonly FilterDefinition<string, object>[] = [];
