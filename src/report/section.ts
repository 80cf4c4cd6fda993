// A section of the page, and what all sections are given.
import type { Manifest, Examples } from "../pipeline/manifest.ts";
import type { Room } from "./examples.ts";
import { html, type Html } from "./html.ts";
import type { RunFiles } from "./run-files.ts";

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

export interface Sheet {
  readonly files: RunFiles;
  readonly manifest: Manifest;
  readonly examples: Examples;
  /** Names, in the recipe's order. */
  readonly sources: readonly string[];
  readonly room: Room;
  /** The run that this one is compared with. */
  readonly against: Manifest | undefined;
}

export function sectionView({ id, title, body }: Section): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${body}
  </section>`;
}

/** A warning of the run, in its own words. */
export function warning(text: string): Html {
  return html`<p class="warning"><strong>Warning:</strong> <bdi>${text}</bdi></p>`;
}
