// Who reviews, and the key each of them gets: a random token in the link, made anew at every start.
import { randomBytes } from "node:crypto";
import { recipeError } from "../core/errors.ts";

/** Tokens to names. */
export function issueTokens(names: readonly string[]): Map<string, string> {
  return new Map(names.map((name) => [randomBytes(24).toString("base64url"), name]));
}

/** Names from a command line's words; each word may hold several, with commas between. */
export function reviewerNames(words: readonly string[], where: string): string[] {
  const names = words.flatMap((word) => word.split(",")).map((name) => name.trim());
  for (const name of names) {
    if (/^[\p{L}\p{N}][\p{L}\p{N} ._@+-]{0,63}$/u.test(name)) continue;
    throw recipeError({
      where,
      expected: "names of letters, digits, spaces and . _ @ + -, at most 64 characters",
      found: JSON.stringify(name),
      fix: `e.g. ${where} ana,ben`,
    });
  }
  return [...new Set(names)];
}

/** The token stands behind #: browsers send that part to nobody. */
export function linkFor(origin: string, token: string): string {
  return `${origin}/#${token}`;
}
