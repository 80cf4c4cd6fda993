// A queue: the rows that a filter lets through, in review order. Loops over typed arrays; texts were searched before.
import { hex128 } from "../core/hash.ts";
import type { DecisionBook } from "../pipeline/decisions.ts";
import { type QueueFilter, statuses } from "./api.ts";
import { Refused } from "./refused.ts";
import type { RowStatuses } from "./row-status.ts";
import { isDropped, isFlagged, type RunIndex } from "./run-index.ts";

export interface QueueInputs {
  readonly index: RunIndex;
  readonly rowStatuses: RowStatuses;
  readonly book: DecisionBook;
  sourceOf(row: number): string;
  readonly filter: QueueFilter;
  /** hits[rows] of filter.text; undefined where it asks for none. */
  readonly hits: Uint8Array | undefined;
}

export function selectRows(inputs: QueueInputs): Uint32Array {
  const { index, filter, hits } = inputs;
  const isWanted = [aboutTest(index, filter.about), statusTest(inputs), ...slowTests(inputs)];
  const all = filter.about === "all";
  const count = all ? index.rows : index.order.length;
  const found = new Uint32Array(count);
  let length = 0;
  candidates: for (let place = 0; place < count; place++) {
    const row = all ? place : index.order[place];
    if (hits !== undefined && hits[row] === 0) continue;
    for (const test of isWanted) if (!test(row)) continue candidates;
    found[length++] = row;
  }
  return found.slice(0, length);
}

type RowTest = (row: number) => boolean;

function aboutTest(index: RunIndex, about: string): RowTest {
  if (about === "review" || about === "all") return () => true;
  if (about === "flagged" || about === "dropped") {
    const bit = about === "flagged" ? isFlagged : isDropped;
    return (row) => (index.kinds[row] & bit) !== 0;
  }
  const number = index.causes.findIndex(({ key }) => key === about);
  if (number < 0) throw new Refused(404, `no row came to review for ${about}`);
  return (row) => {
    for (let i = index.causeStart[row]; i < index.causeStart[row + 1]; i++) if (index.causeOf[i] === number) return true;
    return false;
  };
}

function statusTest({ rowStatuses: { status, disputed }, filter }: QueueInputs): RowTest {
  switch (filter.status) {
    case undefined:
      return () => true;
    case "disputed":
      return (row) => disputed[row] === 1;
    case "decided":
      return (row) => status[row] >= 1 && status[row] <= 3;
    default: {
      const wanted = statuses.indexOf(filter.status);
      return (row) => status[row] === wanted;
    }
  }
}

function slowTests({ index, book, sourceOf, filter, rowStatuses }: QueueInputs): RowTest[] {
  const tests: RowTest[] = [];
  const { source, reviewer } = filter;
  if (source !== undefined) tests.push((row) => sourceOf(row) === source);
  if (reviewer !== undefined) {
    tests.push(
      (row) => rowStatuses.status[row] !== 0 && book.linesOf(hex128(index.hash, row * 4)).some((line) => line.reviewer === reviewer),
    );
  }
  return tests;
}
