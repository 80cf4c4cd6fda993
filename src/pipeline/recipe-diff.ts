// Whether two recipes (or plans) are the same, and where they differ. Knows values only, no keys.

/** JSON with sorted keys, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Where two recipes differ: leaves by path. */
export function diffRecipes(
  before: unknown,
  after: unknown,
  path = "",
): { readonly path: string; readonly before: unknown; readonly after: unknown }[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  if (!isObject(before) || !isObject(after)) return [{ path: path || "recipe", before, after }];
  const named = (value: object): object =>
    Array.isArray(value) && value.every(hasName) ? Object.fromEntries(value.map((item) => [item.name, item])) : value;
  const [left, right] = [named(before), named(after)] as Record<string, unknown>[];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
    diffRecipes(left[key], right[key], path ? `${path}.${key}` : key),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function hasName(value: unknown): value is { name: string } {
  return isObject(value) && typeof (value as { name?: unknown }).name === "string";
}
