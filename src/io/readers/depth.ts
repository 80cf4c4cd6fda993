// How deep a record's lists and objects may lie in one another. What works on values goes into them level by level, JSON.stringify too, and ends
// with the stack some thousand levels down; where exactly differs between machines, so that a limit of our own stands far above.

/** Levels a record may have: [[1]] has two. */
export const deepest = 200;

export const tooDeep = `lists and objects in more than ${deepest} levels`;

/** True where a value has more levels. */
export function isTooDeep(value: unknown, levels = deepest): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object" && isTooDeep(item, levels - 1)) return true;
    return false;
  }
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (typeof member === "object" && isTooDeep(member, levels - 1)) return true;
  }
  return false;
}
