// Which text of the row is in the values of a rendering: the parts of every string that the interpreter made of it. Knows values of the
// library, not the nodes of a template; notes in the trace what was looked at.
import { guardPart, isEmpty, isRowPart, literalPart, type Part, sourceOf, textOf, type Trace } from "./template-parts.ts";

/** A runtime value of the library. */
export interface Value {
  readonly type: string;
  readonly value: unknown;
  __bool__(): { readonly value: boolean };
  toString(): string;
}

export interface ValueParts {
  /** Parts of every string value that did not come from the template's own literals. */
  readonly known: WeakMap<Value, readonly Part[]>;
  /** Messages and what is in them, by the message's number (or Source.tools). */
  readonly sources: WeakMap<Value, number>;
  /** Pieces of a split content: how many there are depends on the content. */
  readonly splits: WeakMap<Value, ((content: string) => string[]) | undefined>;
  /** Notes that another content cannot be promised the same way. */
  opaque(why: string): void;
  /** A new string value of these parts. */
  make(parts: readonly Part[]): Value;
  /** The parts of anything that is printed or joined to text. */
  partsOf(value: Value): readonly Part[];
  /** All parts of the row's text inside a value, however deep. */
  partsInside(value: Value | undefined): Part[];
  holdsRowText(value: Value | undefined): boolean;
  /** Text made from parts in a way that is not followed further: all of it is the row's. */
  blurred(text: string, from: readonly Part[]): Part;
  /** Notes that a value was tested for being empty. */
  guardTruth(value: Value | undefined): void;
  /** Notes a test of a text against something that is not the row's. */
  guardText(value: Value | undefined, test: (text: string) => boolean): void;
  /** The row's own values: all strings in it are the row's text. */
  markInput(value: Value, source: number): void;
  /** Keys of the row's own objects are the row's text too. */
  markKeys(value: Value, source: number): void;
}

export function isString(value: Value | undefined): value is Value & { readonly value: string } {
  return value?.type === "StringValue";
}

export function isContainer(value: Value): boolean {
  return value.value instanceof Map || Array.isArray(value.value);
}

/** `StringValue` is the library's class, which it does not export. */
export function createValueParts(StringValue: new (text: string) => Value, trace: Trace): ValueParts {
  const known: ValueParts["known"] = new WeakMap();
  const splits: ValueParts["splits"] = new WeakMap();
  const sources: ValueParts["sources"] = new WeakMap();

  const opaque = (why: string): void => {
    trace.opaque ??= why;
  };
  const make = (parts: readonly Part[]): Value => {
    const value = new StringValue(textOf(parts));
    known.set(value, parts);
    return value;
  };

  const partsOf = (value: Value): readonly Part[] => {
    const parts = known.get(value);
    if (parts !== undefined) return parts;
    const text = value.toString();
    if (!isContainer(value)) return [literalPart(text)];
    const inside = partsInside(value);
    return inside.length === 0 ? [literalPart(text)] : [blurred(text, inside)];
  };

  const partsInside = (value: Value | undefined, found: Part[] = []): Part[] => {
    if (value === undefined) return found;
    if (isString(value)) {
      const parts = known.get(value);
      if (parts?.some(isRowPart)) found.push(...parts);
    } else if (value.value instanceof Map) {
      for (const inner of value.value.values()) partsInside(inner as Value, found);
      const source = sources.get(value);
      if (source !== undefined) found.push({ ...literalPart(""), source });
    } else if (Array.isArray(value.value)) {
      for (const inner of value.value) partsInside(inner as Value, found);
    }
    return found;
  };
  const holdsRowText = (value: Value | undefined): boolean => partsInside(value).length > 0;

  const blurred = (text: string, from: readonly Part[]): Part => {
    opaque("a content is rewritten by the template");
    return { text, source: sourceOf(from), apply: undefined, turn: -1 };
  };

  const guardTruth = (value: Value | undefined): void => {
    if (value === undefined) return;
    if (splits.has(value)) return opaque("the number of pieces of a content is looked at");
    if (!isString(value)) return;
    const parts = known.get(value);
    if (parts === undefined || parts.some((part) => !isRowPart(part) && part.text !== "")) return;
    for (const part of parts) if (isRowPart(part)) guardPart(trace, part, isEmpty);
  };

  const guardText = (value: Value | undefined, test: (text: string) => boolean): void => {
    const parts = value === undefined ? [] : partsInside(value);
    if (parts.length === 0) return;
    const telling = parts.filter((part) => part.text !== "" || isRowPart(part));
    if (telling.length === 1) guardPart(trace, telling[0], test);
    else opaque("text around a content is looked at");
  };

  const markInput = (value: Value, source: number): void => {
    if (isString(value)) known.set(value, [{ text: value.value, source, apply: undefined, turn: -1 }]);
    else if (value.value instanceof Map) {
      sources.set(value, source);
      for (const inner of value.value.values()) markInput(inner as Value, source);
    } else if (Array.isArray(value.value)) for (const inner of value.value) markInput(inner as Value, source);
  };

  const markKeys = (value: Value, source: number): void => {
    if (isString(value)) {
      if (!known.has(value)) known.set(value, [{ text: value.value, source, apply: undefined, turn: -1 }]);
    } else if (Array.isArray(value.value)) for (const inner of value.value) markKeys(inner as Value, source);
  };

  return { known, sources, splits, opaque, make, partsOf, partsInside, holdsRowText, blurred, guardTruth, guardText, markInput, markKeys };
}
