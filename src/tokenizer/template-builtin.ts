// The two built-in chat templates. Their skeletons follow from the roles and from which turns are trained: contents are never looked at or changed.
import { recipeError } from "../core/errors.ts";
import type { Message, Role } from "../core/row.ts";
import { type ChatTemplate, fillSkeleton, isUntrained, type Piece, rolesKey, type Skeleton } from "./template-skeleton.ts";

/** ChatML as TRL and Qwen write it: `<|im_start|>role\ncontent<|im_end|>\n`; no default system prompt. */
export function createChatml(): ChatTemplate {
  return fromRoles("chatml", (roles, untrained) =>
    roles.flatMap((role, message) => {
      const trained = role === "assistant" && !untrained[message];
      return [literal(`<|im_start|>${role}\n`), slot(message, trained), literal("<|im_end|>", trained), literal("\n")];
    }),
  );
}

// Stanford Alpaca's wording (Taori et al. 2023), without and with further context.
const task = "Below is an instruction that describes a task";
const request = "Write a response that appropriately completes the request.";
const preamble = `${task}. ${request}`;
const preambleWithInput = `${task}, paired with an input that provides further context. ${request}`;

/** What Alpaca's text needs of a tokenizer: the token that ends a response, and the one its tokenizer puts before plain text, if any. */
export interface AlpacaTokens {
  readonly eos: string | undefined;
  readonly bos: string | undefined;
}

/**
 * Alpaca: preamble (a system prompt stands in its place), then "### Instruction:", "### Input:" for tool turns, "### Response:"
 * ended by the tokenizer's eos token. Parts are separated by an empty line.
 */
export function createAlpaca({ eos, bos = "" }: AlpacaTokens): ChatTemplate {
  if (eos === undefined) {
    throw recipeError({
      where: "chat_template: alpaca",
      expected: "an eos_token in the tokenizer's tokenizer_config.json: it ends every response",
      found: "none",
      fix: "add eos_token to tokenizer_config.json, or use chat_template: chatml",
    });
  }
  return fromRoles("alpaca", (roles, untrained) => {
    const pieces: Piece[] = [literal(bos)];
    if (roles[0] !== "system") pieces.push(literal(roles.includes("tool") ? preambleWithInput : preamble));
    roles.forEach((role, message) => {
      const gap = pieces.length === 1 ? "" : "\n\n";
      if (role === "system") pieces.push(literal(gap), slot(message, false));
      else if (role === "assistant")
        pieces.push(literal(`${gap}### Response:\n`), slot(message, !untrained[message]), literal(eos, !untrained[message]));
      else pieces.push(literal(`${gap}### ${role === "user" ? "Instruction" : "Input"}:\n`), slot(message, false));
    });
    return pieces;
  });
}

/** The same templates as Jinja, for checkpoints: what other tools render then is what was trained. */
export function builtinJinja(name: "chatml" | "alpaca", { eos, bos = "" }: AlpacaTokens): string {
  if (name === "chatml") {
    const turn = "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}";
    return `{% for message in messages %}${turn}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`;
  }
  const quoted = (text: string): string => `{{ ${JSON.stringify(text)} }}`;
  const hasTool = "messages | selectattr('role', 'equalto', 'tool') | list | length > 0";
  return [
    quoted(bos),
    `{% if messages[0]['role'] != 'system' %}{% if ${hasTool} %}${quoted(preambleWithInput)}{% else %}${quoted(preamble)}{% endif %}{% endif %}`,
    "{% for message in messages %}",
    "{% if message['role'] == 'system' %}{% if not loop.first %}{{ '\\n\\n' }}{% endif %}{{ message['content'] }}",
    `{% elif message['role'] == 'assistant' %}{{ '\\n\\n### Response:\\n' + message['content'] + ${JSON.stringify(eos ?? "")} }}`,
    "{% elif message['role'] == 'user' %}{{ '\\n\\n### Instruction:\\n' + message['content'] }}",
    "{% else %}{{ '\\n\\n### Input:\\n' + message['content'] }}{% endif %}",
    "{% endfor %}{% if add_generation_prompt %}{{ '\\n\\n### Response:\\n' }}{% endif %}",
  ].join("");
}

function literal(text: string, trained = false): Piece {
  return { text, literal: true, trained, message: -1, apply: undefined };
}

function slot(message: number, trained: boolean): Piece {
  return { text: "", literal: false, trained, message, apply: undefined };
}

/** How many skeletons are kept; a data set has far fewer sequences of roles. */
const maxSkeletons = 1024;

function fromRoles(name: string, build: (roles: readonly Role[], untrained: readonly boolean[]) => readonly Piece[]): ChatTemplate {
  const skeletons = new Map<string, Skeleton>();
  const skeleton = (messages: readonly Message[]): Skeleton => {
    const key = rolesKey(messages);
    let known = skeletons.get(key);
    if (known === undefined) {
      known = {
        pieces: build(
          messages.map(({ role }) => role),
          messages.map(isUntrained),
        ).filter(isNotEmpty),
        shared: true,
      };
      if (skeletons.size >= maxSkeletons) skeletons.clear();
      skeletons.set(key, known);
    }
    return known;
  };
  return { name, skeleton, render: (messages) => fillSkeleton(skeleton(messages), messages) };
}

function isNotEmpty(piece: Piece): boolean {
  return piece.message >= 0 || piece.text !== "";
}
