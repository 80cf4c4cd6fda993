// Renders a Jinja chat template with @huggingface/jinja and knows, of every character of the result, which message it came from.
// The library's interpreter computes the values; this file watches it: every string it makes from the row's text gets a list of
// parts (template-parts.ts), carried beside the value. Where the template looks at the row's text, a guard is noted, so that the
// same way can be promised to other contents. Also mended here: string methods, equality and loop scope that differ from Python's.
import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import {
  guardPart,
  isEmpty,
  isRowPart,
  literalPart,
  type Part,
  sliceParts,
  Source,
  sourceOf,
  stripParts,
  textOf,
  type Trace,
} from "./template-parts.ts";
import { type Side, split } from "./template-python.ts";

/** A node of the library's syntax tree; which fields it has depends on its type. */
interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A runtime value of the library. */
interface Value {
  readonly type: string;
  readonly value: unknown;
  __bool__(): { readonly value: boolean };
  toString(): string;
}

interface Scope {
  variables: Map<string, Value>;
  set(name: string, value: unknown): Value;
}

/** The library's interpreter: both methods call each other through `this`, so that replacing them on the instance is enough. */
interface Machine {
  evaluate(node: Node | undefined, scope: Scope): Value;
  evaluateBlock(nodes: readonly Node[], scope: Scope): Value;
}

export interface TemplateInput {
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  readonly tools: unknown;
  readonly tokens: Readonly<Record<string, string>>;
  readonly addGenerationPrompt: boolean;
}

export interface Rendering {
  readonly parts: readonly Part[];
  readonly trace: Trace;
}

export interface ParsedTemplate {
  readonly program: Node;
  /** The template has {% generation %} blocks. */
  readonly marked: boolean;
  readonly givesDate: boolean;
}

/** Generation tags become assignments to this name, which keep the whitespace rules of a block tag. */
const markName = "sluice_generation_mark";
const generationTag = /\{%(-?)\s*(end)?generation\s*(-?)%\}/g;

/** The date strftime_now tells templates that insist on one: Llama 3's own default. A clock would make runs differ. */
const fixedDate = new Date(Date.UTC(2024, 6, 26));

export function parseTemplate(jinja: string): ParsedTemplate {
  const marked = /\{%-?\s*generation\s*-?%\}/.test(jinja);
  const source = jinja.replace(generationTag, (_, left, end, right) => `{%${left} set ${markName} = ${end ? "false" : "true"} ${right}%}`);
  const program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })) as unknown as Node;
  return { program, marked, givesDate: /strftime_now\s+is\s+(not\s+)?defined/.test(jinja) };
}

/** Renders; throws what the template raises. */
export function renderTracked(template: ParsedTemplate, input: TemplateInput): Rendering {
  const tracker = createTracker(template, input);
  return { parts: tracker.run(), trace: tracker.trace };
}

/** An evaluation under way: the values of the nodes right below it. */
interface Frame {
  readonly node: Node;
  readonly children: Map<unknown, Value>;
  /** Of a loop: what its rounds have written; of a filter block: its body. */
  written: Part[] | undefined;
}

interface Method {
  readonly object: Value;
  readonly name: string;
}

function createTracker(template: ParsedTemplate, input: TemplateInput): { run(): readonly Part[]; readonly trace: Trace } {
  const scope = new Environment() as unknown as Scope;
  const machine = new Interpreter(scope as unknown as Environment) as unknown as Machine;
  const base = { evaluate: machine.evaluate.bind(machine), evaluateBlock: machine.evaluateBlock.bind(machine) };
  const trace: Trace = { guards: [], opaque: undefined };
  /** Parts of every string value that did not come from the template's own literals. */
  const known = new WeakMap<Value, readonly Part[]>();
  const methods = new WeakMap<Value, Method>();
  /** Pieces of a split content: how many there are depends on the content. */
  const splits = new WeakMap<Value, ((content: string) => string[]) | undefined>();
  const turns = new Map<Value, number>();
  const sources = new WeakMap<Value, number>();
  const frames: Frame[] = [];
  let interrupted: readonly Part[] = [];

  const StringValue = scope.set("sluice_string", "").constructor as new (text: string) => Value;
  const BooleanValue = scope.set("sluice_boolean", false).constructor as new (value: boolean) => Value;
  scope.variables.delete("sluice_string");
  scope.variables.delete("sluice_boolean");

  const opaque = (why: string): void => {
    trace.opaque ??= why;
  };
  const isString = (value: Value | undefined): value is Value & { readonly value: string } => value?.type === "StringValue";
  const isContainer = (value: Value): boolean => value.value instanceof Map || Array.isArray(value.value);
  const make = (parts: readonly Part[]): Value => {
    const value = new StringValue(textOf(parts));
    known.set(value, parts);
    return value;
  };

  /** The parts of anything that is printed or joined to text. */
  const partsOf = (value: Value): readonly Part[] => {
    const parts = known.get(value);
    if (parts !== undefined) return parts;
    const text = value.toString();
    if (!isContainer(value)) return [literalPart(text)];
    const inside = partsInside(value);
    return inside.length === 0 ? [literalPart(text)] : [blurred(text, inside)];
  };

  /** All parts of the row's text inside a value, however deep. */
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

  /** Text made from parts in a way that is not followed further: all of it is the row's. */
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

  /** Notes a test of a text against something that is not the row's. */
  const guardText = (value: Value | undefined, test: (text: string) => boolean): void => {
    const parts = value === undefined ? [] : partsInside(value);
    if (parts.length === 0) return;
    const telling = parts.filter((part) => part.text !== "" || isRowPart(part));
    if (telling.length === 1) guardPart(trace, telling[0], test);
    else opaque("text around a content is looked at");
  };

  const watched: Record<string, (node: Node, frame: Frame, value: Value) => Value> = {
    If: (node, frame, value) => (guardTruth(frame.children.get(node["test"])), value),
    Ternary: (node, frame, value) => (guardTruth(frame.children.get(node["condition"])), value),
    SelectExpression: (node, frame, value) => (guardTruth(frame.children.get(node["test"])), value),
    UnaryExpression: (node, frame, value) => (guardTruth(frame.children.get(node["argument"])), value),
    For: (node, frame, value) => {
      const iterable = node["iterable"] as Node;
      const over = frame.children.get(iterable.type === "SelectExpression" ? iterable["lhs"] : iterable);
      if (over !== undefined && splits.has(over)) opaque("the pieces of a content are gone through");
      return frame.written === undefined ? value : make(frame.written);
    },
    BinaryExpression: (node, frame, value) => {
      const left = frame.children.get(node["left"]);
      const right = frame.children.get(node["right"]);
      const operator = (node["operator"] as { readonly value: string }).value;
      if (operator === "and" || operator === "or") guardTruth(left);
      if (left === undefined || right === undefined || operator === "and" || operator === "or") return value;
      if (isString(value)) return make([...partsOf(left), ...partsOf(right)]);
      if (operator === "==" || operator === "!=") {
        const equal = samePython(left, right);
        if (isString(left) && isString(right)) {
          if (holdsRowText(left) && holdsRowText(right)) opaque("contents are compared");
          else if (holdsRowText(left)) guardText(left, (text) => text === right.value);
          else guardText(right, (text) => text === left.value);
        } else if (isContainer(left) && isContainer(right) && (holdsRowText(left) || holdsRowText(right))) opaque("messages are compared");
        return new BooleanValue(equal === (operator === "=="));
      }
      if (operator === "in" || operator === "not in") {
        if (isString(right) && isString(left) && !holdsRowText(left)) guardText(right, (text) => text.includes(left.value));
        else if (isString(right) && isString(left) && !holdsRowText(right)) guardText(left, (text) => right.value.includes(text));
        else if (holdsRowText(left) || (Array.isArray(right.value) && holdsRowText(right))) opaque("a content is looked for");
      } else if (holdsRowText(left) || holdsRowText(right)) opaque(`a content is compared by ${operator}`);
      return value;
    },
    TestExpression: (node, frame, value) => {
      const test = (node["test"] as Node)["value"];
      if ((test === "lower" || test === "upper") && holdsRowText(frame.children.get(node["operand"])))
        opaque(`a content is tested by ${test}`);
      return value;
    },
    FilterExpression: (node, frame, value) => filtered(node, frame.children.get(node["operand"]), frame, value),
    FilterStatement: (node, frame, value) => filtered(node, frame.written === undefined ? undefined : make(frame.written), frame, value),
    MemberExpression: (node, frame, value) => {
      const object = frame.children.get(node["object"]) as Value;
      const property = node["property"] as Node;
      const name = node["computed"] === true ? frame.children.get(property)?.value : property["value"];
      if (value.type === "FunctionValue") {
        methods.set(value, { object, name: String(name) });
        return value;
      }
      if (node["computed"] === true && holdsRowText(frame.children.get(property))) opaque("a content is used as a key");
      if (splits.has(object)) {
        const pieces = splits.get(object);
        const parts = known.get(value);
        // There is always a first and a last piece; whether there are others depends on the content.
        if (name !== 0 && name !== -1) opaque("a piece of a content is taken");
        else if (pieces !== undefined && parts?.length === 1) {
          return make([{ ...parts[0], apply: (content) => pieces(content).at(name) ?? "" }]);
        }
        return value;
      }
      if (!isString(object) || !holdsRowText(object)) return value;
      if (isString(value)) {
        const from = property.type === "SliceExpression" ? sliceStart(object.value, property, frame) : undefined;
        if (from === undefined) return make([blurred(value.value, partsOf(object))]);
        opaque("a slice of a content is taken");
        return make(sliceParts(partsOf(object), from, from + value.value.length));
      }
      opaque("the length of a content is looked at");
      return value;
    },
    CallExpression: (node, frame, value) => {
      const callee = frame.children.get(node["callee"]);
      const method = callee === undefined ? undefined : methods.get(callee);
      const given = (node["args"] as readonly Node[]).map((argument) => frame.children.get(argument));
      if (method === undefined) {
        const inputs = given.flatMap((argument) => partsInside(argument));
        return isString(value) && !known.has(value) && inputs.length > 0 ? make([blurred(value.value, inputs)]) : value;
      }
      if (isString(method.object)) return called(method.object, method.name, given, value);
      const source = sources.get(method.object);
      if (source !== undefined && Array.isArray(value.value)) markKeys(value, source);
      return value;
    },
  };

  /** Where text[start:stop] begins, in UTF-16 units; undefined for slices with a step. */
  const sliceStart = (text: string, slice: Node, frame: Frame): number | undefined => {
    if (slice["step"] !== undefined) return undefined;
    const start = frame.children.get(slice["start"])?.value ?? 0;
    return typeof start === "number" ? Array.from(text).slice(0, start).join("").length : undefined;
  };

  /** A method of a string that may be the row's. */
  const called = (object: Value & { readonly value: string }, name: string, given: readonly (Value | undefined)[], value: Value): Value => {
    const [first, second] = given;
    if (name === "strip" || name === "lstrip" || name === "rstrip") {
      const sides: Side[] = name === "strip" ? ["left", "right"] : [name === "lstrip" ? "left" : "right"];
      if (holdsRowText(first)) opaque("a content is stripped off");
      return make(stripParts(partsOf(object), sides, isString(first) ? first.value : undefined, trace));
    }
    const inputs = [object, ...given].flatMap((input) => partsInside(input));
    if (inputs.length === 0) return value;
    if (given.some((argument) => holdsRowText(argument))) opaque(`a content is given to ${name}`);
    else if (name === "startswith" || name === "endswith") {
      const affixes = isString(first) ? [first.value] : ((first?.value ?? []) as readonly Value[]).map((affix) => String(affix.value));
      guardText(object, (text) => affixes.some((affix) => (name === "startswith" ? text.startsWith(affix) : text.endsWith(affix))));
      return value;
    } else if (name === "split" && isString(first) && Array.isArray(value.value)) {
      const parts = partsOf(object);
      const limit = typeof second?.value === "number" ? second.value : -1;
      const { apply } = parts[0];
      const single = parts.length === 1 && apply !== undefined;
      splits.set(value, single ? (content) => split(apply(content), first.value, limit) : undefined);
      if (!single) opaque("text around a content is split");
      let at = 0;
      for (const piece of value.value as Value[]) {
        const end = at + String(piece.value).length;
        known.set(piece, sliceParts(parts, at, end));
        at = end + first.value.length;
      }
      return value;
    }
    if (isString(value)) return make([blurred(value.value, inputs)]);
    opaque(`a content is looked at by ${name}`);
    if (Array.isArray(value.value)) markKeys(value, sourceOf(inputs));
    return value;
  };

  /** A filter's result; `operand | name(...)`. */
  const filtered = (node: Node, operand: Value | undefined, frame: Frame, value: Value): Value => {
    const filter = node["filter"] as Node;
    const name = String(filter.type === "Identifier" ? filter["value"] : (filter["callee"] as Node)["value"]);
    const nodes = filter.type === "Identifier" ? [] : (filter["args"] as readonly Node[]);
    const given = nodes.map((argument) => frame.children.get(argument.type === "KeywordArgumentExpression" ? argument["value"] : argument));
    if (operand === undefined || value === operand) {
      if (name === "default") guardTruth(operand);
      return value;
    }
    if (isString(operand)) {
      if (name === "trim") return make(stripParts(partsOf(operand), ["left", "right"], undefined, trace));
      if (name === "default") return (guardTruth(operand), value);
    }
    const inputs = [operand, ...given].flatMap((input) => partsInside(input));
    if (splits.has(operand)) opaque("the pieces of a content are gone through");
    if (inputs.length === 0) return value;
    if (isString(value) && !known.has(value)) {
      if (name === "join" && Array.isArray(operand.value)) {
        const separator = given[0] === undefined ? [] : partsOf(given[0]);
        return make((operand.value as Value[]).flatMap((item, i) => [...(i === 0 ? [] : separator), ...partsOf(item)]));
      }
      return make([blurred(value.value, inputs)]);
    }
    if (isString(operand) || given.some((argument) => holdsRowText(argument))) opaque(`a content is looked at by ${name}`);
    else if (name === "selectattr" || name === "rejectattr") {
      const byAttribute = (item: Value): Value | undefined => (item.value as Map<unknown, Value>).get(given[0]?.value);
      const test = attributeTests[String(given[1]?.value)];
      const byType = given[1] !== undefined && typeTests.has(String(given[1].value));
      if (!byType && (operand.value as Value[]).some((item) => holdsRowText(byAttribute(item))))
        opaque(`a content is looked at by ${name}`);
      if (test === undefined) return value;
      // The library calls every missing attribute a failed test, "undefined" included.
      const kept = (operand.value as Value[]).filter((item) => test(byAttribute(item), given[2]) === (name === "selectattr"));
      return new (value.constructor as new (items: Value[]) => Value)(kept);
    } else if (name === "items" || name === "keys") markKeys(value, sourceOf(inputs));
    else if (!movingFilters.has(name)) opaque(`contents are looked at by ${name}`);
    return value;
  };

  /** Keys of the row's own objects are the row's text too. */
  const markKeys = (value: Value, source: number): void => {
    if (isString(value)) {
      if (!known.has(value)) known.set(value, [{ text: value.value, source, apply: undefined, turn: -1 }]);
    } else if (Array.isArray(value.value)) for (const inner of value.value) markKeys(inner as Value, source);
  };

  machine.evaluate = (node, at) => {
    if (node === undefined) return base.evaluate(node, at);
    const above = frames.at(-1);
    const frame: Frame = { node, children: new Map(), written: undefined };
    frames.push(frame);
    let value: Value;
    try {
      value = base.evaluate(node, at);
    } finally {
      frames.pop();
    }
    value = watched[node.type]?.(node, frame, value) ?? value;
    if (above !== undefined) {
      above.children.set(node, value);
      const iterable = above.node.type === "For" ? (above.node["iterable"] as Node) : undefined;
      if (iterable?.type === "SelectExpression" && iterable["test"] === node) guardTruth(value);
    }
    return value;
  };

  machine.evaluateBlock = (nodes, at) => {
    const above = frames.at(-1);
    const isLoop = above?.node.type === "For";
    const isRound = isLoop && nodes === above?.node["body"];
    const turn = isRound ? turnOf(above.node, at) : -1;
    // A round of a Jinja loop starts from the variables before the loop; the library would carry them from round to round.
    const before = isRound ? new Map(at.variables) : undefined;
    const parts: Part[] = [];
    const write = (): Part[] => {
      const tagged = turn < 0 ? parts : parts.map((part) => (part.turn < 0 ? { ...part, turn } : part));
      if (above !== undefined && (isLoop || above.node.type === "FilterStatement")) (above.written ??= []).push(...tagged);
      return tagged;
    };
    try {
      for (const node of nodes) {
        const value = machine.evaluate(node, at);
        if (node.type === "Set" && isMark(node)) {
          const opens = ((node["value"] as Node)["value"] as string) === "true";
          parts.push({ ...literalPart(""), source: opens ? Source.open : Source.close });
        } else if (value.type !== "NullValue" && value.type !== "UndefinedValue") parts.push(...partsOf(value));
      }
    } catch (reason) {
      // {% break %} and {% continue %} come as exceptions: what the round wrote before them stays, through every block they leave.
      interrupted = [...parts, ...interrupted];
      if (isRound) {
        parts.splice(0, parts.length, ...interrupted);
        interrupted = [];
        write();
      }
      throw reason;
    } finally {
      if (before !== undefined) at.variables = before;
    }
    return make(write());
  };

  /** The number of the message a loop's round is about. */
  const turnOf = (node: Node, at: Scope): number => {
    const variable = node["loopvar"] as Node;
    const value = variable.type === "Identifier" ? at.variables.get(String(variable["value"])) : undefined;
    return (value === undefined ? undefined : turns.get(value)) ?? -1;
  };

  const markInput = (value: Value, source: number): void => {
    if (isString(value)) known.set(value, [{ text: value.value, source, apply: undefined, turn: -1 }]);
    else if (value.value instanceof Map) {
      sources.set(value, source);
      for (const inner of value.value.values()) markInput(inner as Value, source);
    } else if (Array.isArray(value.value)) for (const inner of value.value) markInput(inner as Value, source);
  };

  const prepare = (): void => {
    for (const [name, value] of [
      ["false", false],
      ["true", true],
      ["none", null],
    ] as const) {
      scope.set(name, value);
      scope.set(name[0].toUpperCase() + name.slice(1), value);
    }
    scope.set("raise_exception", (message: unknown) => {
      throw new Error(String(message));
    });
    scope.set("range", (from: number, to?: number, step?: number) => range(from, to, step));
    if (!template.givesDate) scope.set("strftime_now", (format: string) => formatDate(format));
    for (const [name, text] of Object.entries(input.tokens)) scope.set(name, text);
    scope.set("documents", null);
    scope.set("add_generation_prompt", input.addGenerationPrompt);
    markInput(scope.set("tools", input.tools ?? null), Source.tools);
    const messages = scope.set("messages", input.messages).value as Value[];
    messages.forEach((message, i) => {
      turns.set(message, i);
      sources.set(message, i);
      for (const [field, value] of message.value as Map<string, Value>) {
        if (field === "role") continue;
        if (field === "content" && isString(value))
          known.set(value, [{ text: value.value, source: i, apply: (content) => content, turn: -1 }]);
        else markInput(value, i);
      }
    });
  };

  return {
    trace,
    run: () => {
      prepare();
      return known.get(machine.evaluate(template.program, scope)) ?? [];
    },
  };
}

/** Filters that hand on the values of a list or an object without looking at them. */
const movingFilters: ReadonlySet<string> = new Set(["list", "first", "last", "reverse", "length", "count", "values", "map"]);

const typeTests: ReadonlySet<string> = new Set(["defined", "undefined", "none", "string"]);

/** Jinja's tests as selectattr and rejectattr use them; of other tests the library's answer stands. */
const attributeTests: Readonly<Record<string, ((value: Value | undefined, other: Value | undefined) => boolean) | undefined>> = {
  defined: (value) => value !== undefined,
  undefined: (value) => value === undefined,
  none: (value) => value?.type === "NullValue",
  string: (value) => value?.type === "StringValue",
  equalto: (value, other) => value !== undefined && other !== undefined && samePython(value, other),
  eq: (value, other) => value !== undefined && other !== undefined && samePython(value, other),
};

function isMark(node: Node): boolean {
  const assignee = node["assignee"] as Node;
  return assignee.type === "Identifier" && assignee["value"] === markName;
}

/** Python's ==: numbers by value (true is 1), texts with texts, lists and dicts by what they hold, none only with none. */
function samePython(left: Value, right: Value): boolean {
  const [a, b] = [left.value, right.value];
  if (a instanceof Map && b instanceof Map) {
    if (a.size !== b.size) return false;
    for (const [key, value] of a) {
      const other = b.get(key) as Value | undefined;
      if (other === undefined || !samePython(value as Value, other)) return false;
    }
    return true;
  }
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => samePython(item as Value, b[i] as Value));
  if (isNumeric(a) && isNumeric(b)) return Number(a) === Number(b);
  return a === b;
}

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || typeof value === "boolean";
}

function range(from: number, to: number | undefined, step = 1): number[] {
  const [start, end] = to === undefined ? [0, from] : [from, to];
  if (step === 0) throw new Error("range() step must not be zero");
  const numbers: number[] = [];
  for (let i = start; step > 0 ? i < end : i > end; i += step) numbers.push(i);
  return numbers;
}

/** strftime of the fixed date, in English. */
function formatDate(format: string): string {
  const name = (style: "long" | "short", field: "month" | "weekday"): string =>
    new Intl.DateTimeFormat("en-US", { [field]: style, timeZone: "UTC" }).format(fixedDate);
  const fields: Readonly<Record<string, string>> = {
    Y: "2024",
    m: "07",
    d: "26",
    y: "24",
    H: "00",
    M: "00",
    S: "00",
    "%": "%",
    b: name("short", "month"),
    B: name("long", "month"),
    a: name("short", "weekday"),
    A: name("long", "weekday"),
  };
  return format.replace(/%([A-Za-z%])/g, (whole, field: string) => fields[field] ?? whole);
}
