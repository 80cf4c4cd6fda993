// Looks through a JSON document once and decides what its records are and where they can be split (the rules are told in json.ts).
// Memory: a few numbers for each of the first members of a top object, and the split points.
import { ElementDelimiter, JsonTracker, valueDelimiter } from "./json-delimiter.ts";
import { Cutter, type ReadAt, type SplitPoint } from "./record-bytes.ts";
import type { BrokenSplit, JsonSplit, Split } from "./types.ts";

/** Names of arrays (or objects of objects) that hold the records, the likeliest first. Compared in lower case. */
const wrapperNames = [
  "data",
  "rows",
  "examples",
  "instances",
  "completions",
  "records",
  "items",
  "samples",
  "prompts",
  "conversations",
  "train",
];
/** An object with one of these lists is a record itself. */
const turnNames = new Set(["messages", "conversations", "conversation", "dialogue", "dialog", "turns", "log"]);
/** Texts beside the records that belong to each of them. */
const sharedNames: Readonly<Record<string, string>> = { definition: "definition", instruction: "instruction", system: "system" };
/** Members of a top object that are looked at one by one. */
const lookedAt = 64;
const sharedLimit = 1 << 16;

interface Member {
  /** Offsets in the file: of the name, of the value's bracket (-1 for other values), behind the last byte. */
  readonly start: number;
  open: number;
  end: number;
  bracket: number;
  /** Finds the records in the value where it is a container. */
  records: { readonly delimiter: ElementDelimiter; readonly cutter: Cutter } | undefined;
}

export class JsonPlanner {
  private readonly splitBytes: number;
  private readonly start: number;
  private top: "?" | "array" | "object" | "values" = "?";
  /** The places between the top container's values. */
  private cutter: Cutter | undefined;
  private readonly tracker = new JsonTracker();
  private readonly members: Member[] = [];
  private member: Member = newMember(0);
  private memberCount = 0;
  private objectMembers = 0;
  /** Where the top container's content ends. */
  private contentEnd = -1;
  /** Offset of the first byte behind the top container that is not white space. */
  private rest = -1;

  constructor(splitBytes: number, start: number) {
    this.splitBytes = splitBytes;
    this.start = start;
  }

  /** Bytes in order; bytes[from] stands at `offset + from` in the file. */
  push(bytes: Buffer, from: number, to: number, offset: number): void {
    let at = from;
    if (this.top === "?") {
      while (at < to && isWhite(bytes[at])) at++;
      if (at >= to) return;
      if (this.begin(bytes[at], offset + at) !== "values") at++;
    }
    if (this.contentEnd < 0) {
      if (this.top === "array") at = this.pushArray(bytes, at, to, offset);
      else if (this.top === "object") at = this.pushObject(bytes, at, to, offset);
    }
    if (this.contentEnd < 0 || this.rest >= 0) return;
    while (at < to && isWhite(bytes[at])) at++;
    if (at < to) this.rest = offset + at;
  }

  /** Looks at the first byte: what the file holds. */
  private begin(byte: number, position: number): "array" | "object" | "values" {
    const top = byte === 0x5b ? "array" : byte === 0x7b ? "object" : "values";
    this.top = top;
    if (top !== "values") this.cutter = new Cutter(new ElementDelimiter(), this.splitBytes, position + 1);
    this.member = newMember(position + 1);
    return top;
  }

  private pushArray(bytes: Buffer, from: number, to: number, offset: number): number {
    const cutter = this.cutter as Cutter;
    cutter.push(bytes, from, to, offset);
    if (!cutter.closed) return to;
    this.contentEnd = cutter.recordEnd;
    return cutter.recordEnd - offset;
  }

  /** Looks at the members, and beside that at the same bytes as if the members were the records. */
  private pushObject(bytes: Buffer, from: number, to: number, offset: number): number {
    (this.cutter as Cutter).push(bytes, from, to, offset);
    for (let i = from; i < to;) {
      const { records } = this.member;
      if (records && !records.cutter.closed) {
        i = pushValue(this.member, records.cutter, bytes, i, to, offset);
        continue;
      }
      i = this.tracker.next(bytes, i, to);
      if (i < 0) return to;
      const byte = bytes[i];
      const position = offset + i++;
      if (byte === 0x7b || byte === 0x5b) this.openValue(byte, position);
      else if (byte === 0x2c) this.endMember(position);
      else if (byte === 0x7d || byte === 0x5d) {
        this.endMember(position);
        this.contentEnd = position + 1;
        return i;
      }
    }
    return to;
  }

  private openValue(bracket: number, position: number): void {
    const { member } = this;
    const delimiter = new ElementDelimiter();
    // A second container in one member is damage: it is passed over.
    const known = member.open < 0 && this.memberCount < lookedAt;
    if (member.open < 0) Object.assign(member, { open: position, bracket });
    member.records = { delimiter, cutter: new Cutter(delimiter, known ? this.splitBytes : Infinity, position + 1) };
  }

  private endMember(position: number): void {
    const { member } = this;
    if (member.open < 0) member.end = position;
    if (this.memberCount < lookedAt) this.members.push(member);
    this.memberCount++;
    if (member.bracket === 0x7b) this.objectMembers++;
    this.member = newMember(position + 1);
  }

  /** The splits of a file of `size` bytes. `base` holds what every split of the file has. */
  finish(size: number, base: { readonly path: string; readonly fileBytes: number }, readAt: ReadAt): Split[] {
    if (this.top === "array") return this.arraySplits(size, base);
    if (this.top === "object" && this.rest < 0) {
      if (this.contentEnd < 0) this.endUnclosed(size);
      const splits = this.objectSplits(size, base, readAt);
      if (splits) return splits;
    }
    return this.valueSplits(size, base, readAt);
  }

  private arraySplits(size: number, base: { readonly path: string; readonly fileBytes: number }): Split[] {
    const cutter = this.cutter as Cutter;
    const splits: Split[] = toSplits(cutter.points, this.contentEnd < 0 ? size : this.contentEnd, base, { holds: "elements" });
    if (this.rest >= 0) splits.push(this.restSplit(size, base, cutter.records + 1));
    return splits;
  }

  private restSplit(size: number, base: { readonly path: string; readonly fileBytes: number }, first: number): BrokenSplit {
    const detail = "text behind the end of the array";
    return { ...base, format: "broken", start: this.rest, end: size, first, reason: "invalid_json", detail };
  }

  /** The file ends inside the top object: what it ends in counts as ended. */
  private endUnclosed(size: number): void {
    const { member } = this;
    if (member.open < 0) return;
    if (member.end < 0) member.end = size;
    this.endMember(size);
  }

  /** The splits of the container that holds the records; undefined where the object is a record itself. */
  private objectSplits(size: number, base: { readonly path: string; readonly fileBytes: number }, readAt: ReadAt): Split[] | undefined {
    const named = this.members.map((member) => ({ member, name: nameOf(member, readAt) }));
    if (
      named.some(({ member, name }) => member.bracket === 0x5b && turnNames.has(name) && firstIn(member) === 0x7b && this.memberCount < 8)
    ) {
      return undefined;
    }
    const arrays = named.filter(({ member }) => member.bracket === 0x5b && firstIn(member) === 0x7b);
    const objects = named.filter(({ member }) => member.bracket === 0x7b && firstIn(member) === 0x7b);
    const allObjects = this.objectMembers === this.memberCount && this.memberCount > 0;
    const namedObject = objects.find(({ name }) => wrapperNames.includes(name));
    if (allObjects && !namedObject && (this.memberCount > 1 || objects.length === 0)) {
      const { points, closed, recordEnd } = this.cutter as Cutter;
      return toSplits(points, closed ? recordEnd : size, base, { holds: "members" });
    }
    const chosen = likeliest(arrays) ?? likeliest(objects);
    if (!chosen) return undefined;
    const { member } = chosen;
    const shared = sharedTexts(named, readAt);
    const holds = member.bracket === 0x5b ? "elements" : "members";
    const { points, closed, recordEnd } = member.records!.cutter;
    return toSplits(points, closed ? recordEnd : size, base, shared ? { holds, shared } : { holds });
  }

  private valueSplits(size: number, base: { readonly path: string; readonly fileBytes: number }, readAt: ReadAt): Split[] {
    const cutter = new Cutter(valueDelimiter(), this.splitBytes, this.start);
    if (size - this.start > this.splitBytes) {
      const step = 1 << 20;
      for (let at = this.start; at < size; at += step) {
        const bytes = readAt(at, Math.min(step, size - at));
        cutter.push(bytes, 0, bytes.length, at);
      }
    }
    return toSplits(cutter.points, size, base, { holds: "values" });
  }
}

function newMember(start: number): Member {
  return { start, open: -1, end: -1, bracket: 0, records: undefined };
}

/** Gives a member's value the bytes up to its end; returns the index behind them. */
function pushValue(member: Member, cutter: Cutter, bytes: Buffer, from: number, to: number, offset: number): number {
  cutter.push(bytes, from, to, offset);
  if (!cutter.closed) return to;
  member.end = cutter.recordEnd;
  return cutter.recordEnd - offset;
}

function firstIn(member: Member): number {
  return member.records?.delimiter.first ?? 0;
}

function toSplits(
  points: readonly SplitPoint[],
  end: number,
  base: { readonly path: string; readonly fileBytes: number },
  more: Pick<JsonSplit, "holds" | "shared">,
): JsonSplit[] {
  return points.map(({ start, first }, i) => {
    const last = i + 1 === points.length;
    return {
      ...base,
      format: "json",
      ...more,
      start,
      end: last ? end : points[i + 1].start,
      first,
      closes: last && more.holds !== "values",
    };
  });
}

/** The container with the likeliest name, else the largest. */
function likeliest<T extends { readonly member: Member; readonly name: string }>(candidates: readonly T[]): T | undefined {
  for (const name of wrapperNames) {
    const found = candidates.find((candidate) => candidate.name === name);
    if (found) return found;
  }
  const size = ({ member }: T): number => member.end - member.open;
  return candidates.reduce<T | undefined>((best, candidate) => (best && size(best) >= size(candidate) ? best : candidate), undefined);
}

/** A member's name in lower case; empty where it cannot be read. */
function nameOf(member: Member, readAt: ReadAt): string {
  const stop = member.open >= 0 ? member.open : member.end;
  const text = readAt(member.start, Math.min(stop - member.start, 1024)).toString("utf8");
  return /^\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1].toLowerCase() ?? "";
}

function sharedTexts(
  named: readonly { readonly member: Member; readonly name: string }[],
  readAt: ReadAt,
): Record<string, string> | undefined {
  const found: Record<string, string> = {};
  for (const { member, name } of named) {
    const key = Object.hasOwn(sharedNames, name) ? sharedNames[name] : undefined;
    if (key === undefined || member.end - member.start > sharedLimit || member.bracket === 0x7b) continue;
    const text = sharedText(readAt(member.start, member.end - member.start).toString("utf8"));
    if (text !== undefined) found[key] = text;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

/** The text of a member that is a string or a list of strings. */
function sharedText(json: string): string | undefined {
  try {
    const [value] = Object.values(JSON.parse(`{${json}}`) as Record<string, unknown>);
    if (typeof value === "string") return value;
    if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string")) return value.join("\n");
  } catch {
    // not a text then
  }
  return undefined;
}

function isWhite(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
