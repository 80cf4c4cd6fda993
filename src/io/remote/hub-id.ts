// How recipes name a repository on the Hugging Face Hub.

export interface HubId {
  /** owner/name */
  readonly name: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
}

/** owner/name or owner/name@revision. */
export function parseHubId(text: string): HubId | undefined {
  const match = /^(\w[\w.-]*\/\w[\w.-]*)(?:@(\w[\w./-]*))?$/.exec(text);
  return match && !text.includes("..") ? { name: match[1], revision: match[2] ?? "main" } : undefined;
}
