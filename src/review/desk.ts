// The review itself, without the network: answers the page's requests from the run's index, its texts and the decisions.
import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import { recipeError } from "../core/errors.ts";
import { hex128 } from "../core/hash.ts";
import type { Message } from "../core/row.ts";
import { type Decision, hashOf } from "../pipeline/decisions.ts";
import { runPaths } from "../pipeline/paths.ts";
import { readPlan } from "../pipeline/frozen-plan.ts";
import type * as Api from "./api.ts";
import { DecisionStore } from "./decision-store.ts";
import { findMarks } from "./marks.ts";
import { measureProgress } from "./progress.ts";
import { selectRows } from "./queue.ts";
import { Refused } from "./refused.ts";
import { createStatuses } from "./row-status.ts";
import { openTexts } from "./row-texts.ts";
import { causeDetail, caveats, decisionView, type Evidence, evidenceOf, fateText } from "./row-words.ts";
import { indexRun } from "./run-index.ts";
import { createTextIndex } from "./text-index.ts";
import { WordCounts } from "./word-counts.ts";

/** Units of a turn that a page gets; longer ones are cut and cannot be edited. */
const turnLimit = 2_000_000;
const titleLength = 140;
const similarRows = 5;
const similarUnits = 1200;
/** Queues that stay as they were while their rows are decided. */
const snapshotLimit = 64;
/** Contents that one bulk may decide. */
const bulkLimit = 500_000;

export interface Desk {
  readonly run: string;
  readonly decisionsFile: string;
  readonly rows: number;
  session(reviewer: string): Api.Session;
  progress(): Api.Progress;
  queue(request: Api.QueueRequest): Promise<Api.QueueAnswer>;
  row(row: number): Api.RowAnswer;
  /** Waits for the words of the run to be indexed, at first. */
  similar(row: number): Promise<Api.SimilarAnswer>;
  decide(reviewer: string, request: Api.DecideRequest): Promise<Api.DecideAnswer>;
  undo(reviewer: string, hash: string | undefined): Promise<Api.UndoAnswer>;
  bulk(reviewer: string, request: Api.BulkRequest): Promise<Api.BulkAnswer>;
  /** Every row that came to review, for other tools. */
  everyRow(): Generator<ReviewRow, void, undefined>;
  /** Writes decisions that were made elsewhere; the row's rules are filled in. */
  take(decisions: readonly Decision[]): Promise<void>;
  readonly store: DecisionStore;
  close(): void;
}

export interface ReviewRow {
  readonly row: number;
  readonly id: string;
  readonly hash: string;
  readonly source: string;
  readonly messages: readonly Message[];
  readonly causes: readonly string[];
  readonly decisions: readonly Decision[];
}

/** Opens a run for review: reads its ledger and the recipe's decisions. */
export async function openDesk(folder: string): Promise<Desk> {
  const paths = runPaths(folder);
  const plan = readPlan(paths);
  if (!plan?.decisions) {
    throw recipeError({
      where: folder,
      expected: "a run of this version of Sluice",
      found: plan ? "a plan that names no decisions file" : "no plan.json",
      fix: "start the run again: `sluice run RECIPE --fresh`",
    });
  }
  const texts = openTexts(paths, plan);
  const index = await indexRun(paths, texts);
  const rowStatuses = createStatuses(index);
  const words = new WordCounts();
  const changes: (readonly string[] | "all")[] = [];
  const store = await DecisionStore.open(plan.decisions.file, (hashes) => changes.push(hashes));
  const textIndex = createTextIndex(index, texts);
  const snapshots = new Map<string, Uint32Array>();
  const now = (): string => new Date().toISOString();

  /** Takes in what other processes wrote. */
  const refresh = (): void => {
    store.refresh();
    for (const hashes of changes.splice(0)) {
      rowStatuses.update(store.book, hashes);
      words.update(store.book, hashes);
    }
  };
  const progress = (): Api.Progress => {
    refresh();
    return measureProgress({ index, rowStatuses, words, version: store.version, problem: store.problem });
  };
  const hashAt = (row: number): string => hex128(index.hash, row * 4);
  const causesOf = (row: number): string[] => {
    const found: string[] = [];
    for (let i = index.causeStart[row]; i < index.causeStart[row + 1]; i++) {
      const { key, depth } = index.causes[index.causeOf[i]];
      // A rule says more than the reason it belongs to.
      if (depth === 1 && found[found.length - 1] === key.slice(0, key.lastIndexOf("/"))) found.pop();
      found.push(key);
    }
    return found;
  };
  /** What brought a row to review, without what reviewers themselves did to it in an earlier run. */
  const rulesOf = (row: number): string[] => causesOf(row).filter((key) => !/^(drop|edit):review\//.test(key));
  const checkRow = (row: number): void => {
    if (row >= index.rows) throw new Refused(404, `there is no row ${row}: the run has ${index.rows}`);
  };
  const select = async (filter: Api.QueueFilter): Promise<Uint32Array> => {
    const hits = filter.text === undefined ? undefined : await textIndex.search(filter.text);
    refresh();
    return selectRows({ index, rowStatuses, book: store.book, sourceOf: texts.source, filter, hits });
  };
  const listRow = (row: number): Api.ListRow => {
    const messages = texts.messages(row);
    const first = messages.find(({ role }) => role === "user") ?? messages[0];
    return {
      row,
      id: texts.id(row),
      title:
        first?.content
          .slice(0, titleLength * 4)
          .replace(/\s+/g, " ")
          .trim()
          .slice(0, titleLength) ?? "",
      causes: causesOf(row).map((key) => key.slice(key.indexOf(":") + 1)),
      status: rowStatuses.of(row),
      disputed: rowStatuses.disputed[row] === 1,
    };
  };
  const linesOf = (row: number): Decision[] => {
    const original = index.originalOf(row);
    return [...(original === undefined ? [] : store.book.linesOf(original)), ...store.book.linesOf(hashAt(row))];
  };
  const similarTo = async (row: number, evidence: Evidence): Promise<Api.SimilarRow[]> => {
    const shown = (at: number, similarity: number, isSurvivor: boolean): Api.SimilarRow => ({
      row: at,
      id: texts.id(at),
      similarity,
      isSurvivor,
      status: rowStatuses.of(at),
      turns: texts.messages(at).map(({ role, content }) => ({ role, content: content.slice(0, similarUnits) })),
    });
    const survivor = typeof evidence.survivor === "string" ? texts.find(evidence.survivor) : undefined;
    const others = (await textIndex.similar(row, similarRows + 1)).filter((other) => other.row !== survivor);
    return [
      ...(survivor === undefined ? [] : [shown(survivor, Number(evidence.similarity ?? 1), true)]),
      ...others.slice(0, similarRows).map(({ row: at, similarity }) => shown(at, similarity, false)),
    ];
  };

  return {
    run: basename(paths.folder),
    decisionsFile: store.path,
    rows: index.rows,
    store,
    progress,
    session: (reviewer) => ({
      run: plan.recipe.name,
      reviewer,
      decisionsFile: store.path,
      rows: index.rows,
      sources: plan.recipe.sources.map(({ name }) => name),
      progress: progress(),
    }),
    async queue({ filter, offset, limit, snapshot }) {
      refresh();
      let rows = snapshot === undefined ? undefined : snapshots.get(snapshot);
      let name = snapshot;
      if (!rows || name === undefined) {
        rows = await select(filter);
        name = randomUUID();
        snapshots.set(name, rows);
        if (snapshots.size > snapshotLimit) snapshots.delete(snapshots.keys().next().value!);
      }
      return { snapshot: name, total: rows.length, offset, rows: [...rows.subarray(offset, offset + limit)].map(listRow) };
    },
    row(row) {
      checkRow(row);
      refresh();
      const fate = index.fate(row);
      const evidence = evidenceOf(fate);
      const messages = texts.messages(row);
      // Nobody may decide on one text while reading another.
      if (hashOf(messages) !== hashAt(row))
        throw new Refused(409, "the run was made anew meanwhile: stop `sluice review` and start it again");
      const marks = findMarks(messages, evidence);
      return {
        row,
        id: texts.id(row),
        hash: hashAt(row),
        source: texts.source(row),
        fate: fateText(fate),
        turns: messages.map(({ role, content }, i) => ({
          role,
          content: content.slice(0, turnLimit),
          length: content.length,
          marks: marks[i],
        })),
        causes: causesOf(row).map((key) => causeDetail(key, evidence)),
        decisions: linesOf(row).map(decisionView),
        status: rowStatuses.of(row),
        disputed: rowStatuses.disputed[row] === 1,
        copies: index.rowsOf(hashAt(row)).length,
        caveat: caveats[fate.reason] ?? "",
      };
    },
    async similar(row) {
      checkRow(row);
      return { similar: await similarTo(row, evidenceOf(index.fate(row))) };
    },
    async decide(reviewer, { row, hash, decision, comment, edits }) {
      checkRow(row);
      if (hashAt(row) !== hash) throw new Refused(409, "the row is not what the page shows: the run has changed, load the page again");
      const changed = decision === "edit" ? changedTurns(texts.messages(row), edits ?? []) : undefined;
      await store.add([
        {
          hash,
          decision,
          reviewer,
          time: now(),
          row: texts.id(row),
          ...(comment ? { comment } : {}),
          ...(changed ? { edits: changed } : {}),
          rules: rulesOf(row),
        },
      ]);
      const after = progress();
      return { status: rowStatuses.of(row), progress: after };
    },
    async undo(reviewer, hash) {
      const undone = await store.undo(reviewer, now(), hash);
      const after = progress();
      const row = undone?.hashes.flatMap((content) => index.rowsOf(content))[0];
      return { undone: undone?.hashes.length ?? 0, decision: undone?.decision ?? "", row, progress: after };
    },
    async bulk(reviewer, { filter, decision, comment, expected }) {
      const rows = await select(filter);
      const contents = new Map<string, number>();
      let decided = 0;
      let open = 0;
      for (const row of rows) {
        if (rowStatuses.status[row] >= 1 && rowStatuses.status[row] <= 3) decided++;
        else {
          open++;
          const hash = hashAt(row);
          if (!contents.has(hash)) contents.set(hash, row);
        }
      }
      if (contents.size > bulkLimit)
        throw new Refused(400, `one bulk may decide ${bulkLimit} rows, not ${contents.size}: narrow the filter`);
      if (expected === undefined) return { rows: open, contents: contents.size, decided, applied: false, progress: progress() };
      if (expected !== open) throw new Refused(409, `there are ${open} rows now, not ${expected}: somebody decided meanwhile; look again`);
      const bulk = randomUUID();
      const time = now();
      await store.add(
        [...contents].map(([hash, row]) => ({
          hash,
          decision,
          reviewer,
          time,
          row: texts.id(row),
          ...(comment ? { comment } : {}),
          rules: rulesOf(row),
          bulk,
        })),
      );
      return { rows: open, contents: contents.size, decided, applied: true, progress: progress() };
    },
    *everyRow() {
      refresh();
      for (const row of index.order) {
        const decisions = linesOf(row);
        yield {
          row,
          id: texts.id(row),
          hash: hashAt(row),
          source: texts.source(row),
          messages: texts.messages(row),
          causes: causesOf(row),
          decisions,
        };
      }
    },
    async take(decisions) {
      const withRules = decisions.map((decision) => {
        const row = decision.row === undefined ? undefined : texts.find(decision.row);
        return row === undefined ? decision : { ...decision, rules: rulesOf(row) };
      });
      await store.add(withRules);
      refresh();
    },
    close: texts.close,
  };
}

/** Edits of assistant turns that change something, with the text before. */
function changedTurns(messages: readonly Message[], edits: NonNullable<Api.DecideRequest["edits"]>): Decision["edits"] {
  const changed = edits.flatMap(({ turn, content }) => {
    const before = messages[turn - 1];
    if (before?.role !== "assistant") throw new Refused(400, `turn ${turn} is not the assistant's: only its answers can be edited`);
    if (content.trim() === "") throw new Refused(400, `turn ${turn} has no text left: drop the row instead`);
    return before.content === content ? [] : [{ turn, was: before.content, content }];
  });
  if (changed.length === 0) throw new Refused(400, "nothing was changed");
  return changed;
}
