// `columns:` of a recipe: our names to theirs. A record is seen through them, and a name that it lacks is told.
import { type Fields, isFields, put, type Rejected, reject } from "./types.ts";

/** A value by a field's name, or by a path with dots where no field has that name. */
function fieldAt(record: Fields, path: string): unknown {
  if (Object.hasOwn(record, path)) return record[path];
  let value: unknown = record;
  for (const name of path.split(".")) {
    if (!isFields(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** The mapped fields under our names, and everything else under its own. */
export interface Mapped {
  readonly named: Fields;
  readonly others: Fields;
}

export function mapColumns(record: Fields, columns: Readonly<Record<string, string>>): Mapped | Rejected {
  const named: Record<string, unknown> = {};
  const used = new Set<string>();
  for (const [ours, theirs] of Object.entries(columns)) {
    const value = fieldAt(record, theirs);
    if (value === undefined) {
      const has = Object.keys(record).slice(0, 12).join(", ") || "no fields";
      return reject("missing_column", `columns.${ours} is ${JSON.stringify(theirs)}, which the record lacks; it has ${has}`);
    }
    put(named, ours, value);
    used.add(theirs);
  }
  const others: Record<string, unknown> = {};
  for (const name in record) if (!used.has(name)) put(others, name, record[name]);
  return { named, others };
}
