// Renders a Jinja chat template with @huggingface/jinja and knows, of every character of the result, which message it came from.
// The library's interpreter computes the values; this file watches it: every string it makes from the row's text gets a list of
// parts (template-parts.ts), carried beside the value (template-values.ts). Where the template looks at the row's text, a guard is
// noted, so that the same way can be promised to other contents. Also mended here: string methods, equality and loop scope that differ
// from Python's.
import { type Environment, Interpreter } from "@huggingface/jinja";
import { isMark, type Node, type ParsedTemplate } from "./template-parse.ts";
import { literalPart, type Part, sliceParts, Source, sourceOf, stripParts, type Trace } from "./template-parts.ts";
import { isEqual, type Side, split } from "./template-python.ts";
import { createScope, type Scope } from "./template-scope.ts";
import { createValueParts, isContainer, isString, type Value } from "./template-values.ts";

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
  const scope = createScope({ ...input, givesDate: template.givesDate });
  const machine = new Interpreter(scope as unknown as Environment) as unknown as Machine;
  const base = { evaluate: machine.evaluate.bind(machine), evaluateBlock: machine.evaluateBlock.bind(machine) };
  const trace: Trace = { guards: [], opaque: undefined };
  const methods = new WeakMap<Value, Method>();
  const turns = new Map<Value, number>();
  const frames: Frame[] = [];
  let interrupted: readonly Part[] = [];

  const StringValue = scope.set("sluice_string", "").constructor as new (text: string) => Value;
  const BooleanValue = scope.set("sluice_boolean", false).constructor as new (value: boolean) => Value;
  scope.variables.delete("sluice_string");
  scope.variables.delete("sluice_boolean");

  const values = createValueParts(StringValue, trace);
  const { known, sources, splits, opaque, make, partsOf, partsInside, holdsRowText, blurred, guardTruth, guardText } = values;

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
        const equal = isEqual(left, right);
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
      if (source !== undefined && Array.isArray(value.value)) values.markKeys(value, source);
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
    if (Array.isArray(value.value)) values.markKeys(value, sourceOf(inputs));
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
    } else if (name === "items" || name === "keys") values.markKeys(value, sourceOf(inputs));
    else if (!movingFilters.has(name)) opaque(`contents are looked at by ${name}`);
    return value;
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

  /** Gives the template the row: its strings are known from here on. */
  const prepare = (): void => {
    values.markInput(scope.set("tools", input.tools ?? null), Source.tools);
    const messages = scope.set("messages", input.messages).value as Value[];
    messages.forEach((message, i) => {
      turns.set(message, i);
      sources.set(message, i);
      for (const [field, value] of message.value as Map<string, Value>) {
        if (field === "role") continue;
        if (field === "content" && isString(value))
          known.set(value, [{ text: value.value, source: i, apply: (content) => content, turn: -1 }]);
        else values.markInput(value, i);
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
  equalto: (value, other) => value !== undefined && other !== undefined && isEqual(value, other),
  eq: (value, other) => value !== undefined && other !== undefined && isEqual(value, other),
};
