// Chat templates written in Jinja. A conversation's shape (roles) and the answers to what the template asks of its contents decide
// how it is rendered, so the rendering is kept as a skeleton and reused for every conversation of the same shape and answers.
// Rows with tools or other fields beside role and content, and templates that rewrite contents freely, are rendered row by row.
import { recipeError } from "../core/errors.ts";
import type { Message } from "../core/row.ts";
import { type Guard, textOf } from "./template-parts.ts";
import { parseTemplate, type ParsedTemplate } from "./template-parse.ts";
import { renderTracked, type Rendering } from "./template-provenance.ts";
import { type ChatTemplate, fillSkeleton, isRefusal, type Refusal, rolesKey, type RowMeta, type Skeleton } from "./template-skeleton.ts";
import { edgesOf, markedSpans, toPieces, type TurnRules, turnSpans } from "./template-turns.ts";

export interface JinjaTemplateOptions {
  readonly jinja: string;
  readonly name: string;
  /** bos_token, eos_token ... */
  readonly tokens: Readonly<Record<string, string>>;
  /** Texts of the special tokens, longest first. */
  readonly specialTokens: readonly string[];
}

/** A way a template was seen to go, and what must hold of the contents for it to be gone again. */
interface Way {
  readonly guards: readonly Guard[];
  readonly outcome: Skeleton | Refusal;
}

/** Sequences of roles that are remembered, and ways of each. */
const maxShapes = 1024;
const maxWays = 8;

export function createJinjaTemplate({ jinja, name, tokens, specialTokens }: JinjaTemplateOptions): ChatTemplate {
  const template = parsed(jinja, name);
  const render = (messages: readonly Readonly<Record<string, unknown>>[], tools: unknown, addGenerationPrompt: boolean): Rendering =>
    renderTracked(template, { messages, tools, tokens, addGenerationPrompt });
  let rules: TurnRules | undefined;

  const build = (messages: readonly Message[], meta: RowMeta | undefined): Way & { readonly opaque: boolean } => {
    let rendering: Rendering;
    try {
      rendering = render(withFields(messages, meta), meta?.["tools"], false);
    } catch (reason) {
      // What a template raises is an Error or a TypeError of the library; these are a fault of ours.
      if (reason instanceof ReferenceError || reason instanceof RangeError) throw reason;
      const error = `${name}: ${reason instanceof Error ? reason.message : String(reason)}`;
      return { guards: [], outcome: { error }, opaque: true };
    }
    const { parts, trace } = rendering;
    rules ??= probeRules(render, {
      header: undefined,
      footer: undefined,
      bos: tokens["bos_token"],
      eos: tokens["eos_token"],
      specialTokens,
    });
    const spans = template.marked ? markedSpans(parts, messages) : turnSpans(parts, messages, rules);
    if (!Array.isArray(spans)) {
      const turn = spans.turn < 0 ? "the conversation" : `message ${spans.turn + 1} (${messages[spans.turn].role})`;
      const error = `${name}: cannot tell which text of ${turn} is the assistant's: ${spans.reason}; mark it with {% generation %} in the template`;
      return { guards: trace.guards, outcome: { error }, opaque: trace.opaque !== undefined };
    }
    const pieces = toPieces(parts, spans);
    const opaque = trace.opaque !== undefined || pieces.some((piece) => !piece.literal && piece.message < 0);
    return { guards: trace.guards, outcome: { pieces, shared: !opaque }, opaque };
  };

  const shapes = new Map<string, Way[]>();
  const skeleton = (messages: readonly Message[], meta?: RowMeta): Skeleton | Refusal => {
    if (meta !== undefined && rowFields.some((field) => meta[field] !== undefined)) return build(messages, meta).outcome;
    const key = rolesKey(messages);
    const ways = shapes.get(key);
    if (ways !== undefined) {
      for (const way of ways) if (allHold(way.guards, messages)) return way.outcome;
    }
    const made = build(messages, undefined);
    if (made.opaque) return made.outcome;
    if (ways === undefined) {
      if (shapes.size >= maxShapes) shapes.clear();
      shapes.set(key, [made]);
    } else if (ways.length < maxWays) ways.push(made);
    return made.outcome;
  };
  return {
    name,
    skeleton,
    render: (messages, meta) => {
      const found = skeleton(messages, meta);
      return isRefusal(found) ? found : fillSkeleton(found, messages);
    },
  };
}

/** Parts of a row's meta that templates see: the tool descriptions, and fields of the messages in a list as long as the messages. */
const rowFields = ["tools", "message_fields", "tool_calls"] as const;

/** The messages with the fields that meta has for them: `message_fields[i]` (an object) and `tool_calls[i]` (a list) belong to message i. */
function withFields(messages: readonly Message[], meta: RowMeta | undefined): readonly Readonly<Record<string, unknown>>[] {
  const fields = listOf(meta?.["message_fields"]);
  const calls = listOf(meta?.["tool_calls"]);
  return messages.map(({ role, content }, i) => {
    const extra = typeof fields[i] === "object" && fields[i] !== null ? (fields[i] as Record<string, unknown>) : {};
    const message: Record<string, unknown> = { ...extra, role, content };
    if (Array.isArray(calls[i]) && calls[i].length > 0) message["tool_calls"] = calls[i];
    return message;
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function allHold(guards: readonly Guard[], messages: readonly Message[]): boolean {
  for (const guard of guards) if (!guard.holds(messages[guard.message].content)) return false;
  return true;
}

function parsed(jinja: string, name: string): ParsedTemplate {
  try {
    return parseTemplate(jinja);
  } catch (reason) {
    throw recipeError({
      where: `chat template ${name}`,
      expected: "a Jinja template",
      found: reason instanceof Error ? reason.message : String(reason),
      fix: "correct the template, or use chat_template: chatml or alpaca",
    });
  }
}

type Render = (messages: readonly Readonly<Record<string, unknown>>[], tools: unknown, addGenerationPrompt: boolean) => Rendering;

/**
 * What opens and ends an assistant's turn, found with a small conversation. It opens with the generation prompt where the template has
 * one and writes it before its replies, else with whatever stands before the reply. Unknown where the template refuses such a conversation.
 */
function probeRules(render: Render, unknown: TurnRules): TurnRules {
  const question = { role: "user", content: "Q" };
  const answer = { role: "assistant", content: "A" };
  const prompt = attempt(() => {
    const plain = textOf(render([question], undefined, false).parts);
    const prompted = textOf(render([question], undefined, true).parts);
    return prompted.startsWith(plain) ? prompted.slice(plain.length) : "";
  });
  const edges = attempt(() => edgesOf(render([question, answer], undefined, false).parts, 1, unknown));
  if (edges === undefined) return unknown;
  const opensWithPrompt = prompt !== undefined && prompt !== "" && edges.header?.includes(prompt) === true;
  return { ...unknown, header: opensWithPrompt ? prompt : edges.header, footer: edges.footer };
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    // A template may refuse the small conversation; real ones then say why.
    return undefined;
  }
}
