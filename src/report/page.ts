// The report's page: its sections in the order a person asks. One file, no script, nothing from the network.
import { pageRoom } from "./examples.ts";
import { html, type Html, name, nothing } from "./html.ts";
import type { RunFiles } from "./run-files.ts";
import { type Section, sectionView, type Sheet } from "./section.ts";
import { decontamination } from "./sections/decontamination.ts";
import { differences, type RunDifferences } from "./sections/differences.ts";
import { diversity } from "./sections/diversity.ts";
import { duplicates } from "./sections/duplicates.ts";
import { funnel } from "./sections/funnel.ts";
import { mixSection } from "./sections/mix.ts";
import { refusals } from "./sections/refusals.ts";
import { reproduce } from "./sections/reproduce.ts";
import { trainingSection } from "./sections/training.ts";
import { verdict } from "./sections/verdict.ts";
import { style } from "./style.ts";

export interface PageOptions {
  /** What the run gained and lost against another stands behind the verdict. */
  readonly against?: RunDifferences;
  /** The page is served and refreshes itself: its script and the policy that lets it run. */
  readonly live?: Pick<DocumentParts, "policy" | "script">;
}

/** The page of a finished run. */
export function reportPage(files: RunFiles, { against, live }: PageOptions = {}): string {
  const { manifest, examples } = files;
  const sheet: Sheet = {
    files,
    manifest,
    examples,
    sources: Object.keys(manifest.states).filter((source) => source !== ""),
    room: { units: pageRoom },
    against: against?.other.manifest,
  };
  const sections = [
    verdict(sheet),
    against && differences(sheet, against),
    funnel(sheet),
    diversity(sheet),
    mixSection(sheet),
    duplicates(sheet),
    refusals(sheet),
    decontamination(sheet),
    trainingSection(files),
    reproduce(sheet),
  ].filter((section): section is Section => section !== undefined);
  return document({
    title: against ? `${manifest.name} against ${against.other.manifest.name}` : manifest.name,
    kind: kindOf(files),
    line: html`Sluice ${manifest.sluice}, recipe <bdi>${manifest.recipe_file}</bdi>,
      <time>${manifest.measured.started.slice(0, 10)}</time>`,
    sections,
    ...(live ?? { policy: "default-src 'none'; style-src 'unsafe-inline'", script: nothing }),
  });
}

function kindOf({ training, failure, metrics }: RunFiles): string {
  if (failure) return "Curation report, training failed";
  if (training?.stopped === "interrupted") return "Curation report, training interrupted";
  if (!training && metrics.length > 0) return "Curation report, training not ended";
  return training ? "Curation and training report" : "Curation report";
}

export interface DocumentParts {
  readonly title: string;
  /** What kind of page it is. */
  readonly kind: string;
  readonly line: Html;
  readonly sections: readonly Section[];
  /** Content security policy. */
  readonly policy: string;
  readonly script: Html;
}

export function document({ title, kind, line, sections, policy, script }: DocumentParts): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}: ${kind.toLowerCase()}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <a class="skip" href="#main">To the report</a>
        <header class="top">
          <p class="soft">${kind}</p>
          <h1>${name(title)}</h1>
          <p class="soft">${line}</p>
        </header>
        <nav class="contents" aria-label="Contents">
          <ol>
            ${sections.map(({ id, title: heading }) => html`<li><a href="#${id}">${heading}</a></li>`)}
          </ol>
        </nav>
        <main id="main">${sections.map(sectionView)}</main>
        ${script}
      </body>
    </html> `.markup;
}
