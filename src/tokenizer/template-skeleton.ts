// What a chat template says of a conversation: segments (text, whose text it is, whether it carries loss) and skeletons, which are
// segments with slots where the contents go. A skeleton is made once for all conversations of a shape.
import type { Message } from "../core/row.ts";

/** A stretch of rendered text. */
export interface Segment {
  readonly text: string;
  /** The template's own text, in which special tokens are recognised; false: text from the row, where they are ordinary text. */
  readonly literal: boolean;
  /** Carries loss. */
  readonly trained: boolean;
}

/** A stretch of a skeleton: text that is the same in every conversation, or a slot that a message's content fills. */
export interface Piece {
  /** The fixed text; of a slot, unused. */
  readonly text: string;
  readonly literal: boolean;
  readonly trained: boolean;
  /** The message whose content fills the slot; -1: fixed text. */
  readonly message: number;
  /** What the template does to the content (trim ...); undefined: nothing. */
  readonly apply: ((content: string) => string) | undefined;
}

/** What a template makes of a conversation, before the contents are filled in. The same object serves every conversation of its shape. */
export interface Skeleton {
  readonly pieces: readonly Piece[];
  /** False: made for this conversation alone, not worth preparing anything for. */
  readonly shared: boolean;
}

/** The template refuses the row, and says why. */
export interface Refusal {
  readonly error: string;
}

export type RowMeta = Readonly<Record<string, unknown>>;

export interface ChatTemplate {
  /** For messages: "chatml", "alpaca", or where the Jinja text is from. */
  readonly name: string;
  render(messages: readonly Message[], meta?: RowMeta): readonly Segment[] | Refusal;
  skeleton(messages: readonly Message[], meta?: RowMeta): Skeleton | Refusal;
}

/** True where a template refused the row. */
export function isRefusal(value: object): value is Refusal {
  return "error" in value;
}

/** The segments of a skeleton with its slots filled. */
export function fillSkeleton(skeleton: Skeleton, messages: readonly Message[]): Segment[] {
  return skeleton.pieces.map((piece) => ({ text: pieceText(piece, messages), literal: piece.literal, trained: piece.trained }));
}

/** The text of one piece. */
export function pieceText(piece: Piece, messages: readonly Message[]): string {
  if (piece.message < 0) return piece.text;
  const content = messages[piece.message].content;
  return piece.apply === undefined ? content : piece.apply(content);
}

/** An assistant's turn that the record wants without loss. */
export function isUntrained({ role, train }: Pick<Message, "role" | "train">): boolean {
  return train === false && role === "assistant";
}

/** The roles of a conversation, and which turns carry no loss on request, as a short string. */
export function rolesKey(messages: readonly Message[]): string {
  let key = "";
  // First letters are all different: s, u, a, t.
  for (let i = 0; i < messages.length; i++) key += isUntrained(messages[i]) ? "-" : messages[i].role[0];
  return key;
}
