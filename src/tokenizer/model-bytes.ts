// A byte-level BPE model's vocabulary and merges, read from the bytes of its tokenizer.json. JSON.parse makes 400,000 texts of them, which
// cost more to make and to collect than all that becomes of them. Takes files as the tokenizers library writes them; what is written in
// another way is left to JSON.parse and tokenizer-json, which also say what is wrong with it.
import { codeToByte } from "./byte-level.ts";

/** Texts one behind the other, in bytes: text i is pool[ends[i - 1], ends[i]), text 0 begins at 0. */
export interface ByteTexts {
  readonly pool: Uint8Array;
  readonly ends: Uint32Array;
}

export interface ModelBytes {
  /** The parsed file with an empty vocabulary and no merges. */
  readonly tokenizer: unknown;
  /** In the file's order. */
  readonly tokens: ByteTexts;
  /** ids[tokens]. */
  readonly ids: Uint32Array;
  /** Merge i, best first, joins texts 2 i and 2 i + 1. */
  readonly merges: ByteTexts;
}

/** Undefined where the file is not written as such files are. */
export function readModelBytes(bytes: Uint8Array): ModelBytes | undefined {
  try {
    return new Reader(bytes).file();
  } catch (error) {
    if (error instanceof Unusual) return undefined;
    throw error;
  }
}

class Unusual extends Error {}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
const space = 0x20;

/** Goes through the file once. */
class Reader {
  private readonly bytes: Uint8Array;
  private at = 0;
  private tokens: Pick<ModelBytes, "tokens" | "ids"> | undefined;
  private merges: ByteTexts | undefined;
  /** The file around the vocabulary and the merges, up to kept. */
  private readonly around: Uint8Array[] = [];
  private kept = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  file(): ModelBytes {
    let models = 0;
    this.members((key) => {
      if (key !== "model") this.skipValue();
      else if (models++ === 0) this.members((part) => this.modelPart(part));
      else throw new Unusual();
    });
    const { tokens, merges } = this;
    if (!tokens || !merges) throw new Unusual();
    this.around.push(this.bytes.subarray(this.kept));
    return { tokenizer: parsed(Buffer.concat(this.around).toString("utf8")), ...tokens, merges };
  }

  private modelPart(part: string): void {
    if (part === "vocab" && !this.tokens) this.tokens = this.cutOut("{}", () => this.readTokens());
    else if (part === "merges" && !this.merges) this.merges = this.cutOut("[]", () => this.readMerges());
    else if (part === "vocab" || part === "merges") throw new Unusual();
    else this.skipValue();
  }

  private cutOut<T>(empty: string, read: () => T): T {
    this.around.push(this.bytes.subarray(this.kept, this.at), Buffer.from(empty));
    const found = read();
    this.kept = this.at;
    return found;
  }

  private readTokens(): Pick<ModelBytes, "tokens" | "ids"> {
    const texts = new TextList(this.bytes.length - this.at);
    const ids = new Uint32Array(texts.ends.length);
    this.each(openObject, closeObject, () => {
      this.take(quote);
      this.readText(texts, quote);
      this.take(colon);
      ids[texts.count - 1] = this.readId();
    });
    return { tokens: texts.taken(), ids: ids.subarray(0, texts.count) };
  }

  /** "left right", or ["left", "right"] in newer files. */
  private readMerges(): ByteTexts {
    const texts = new TextList(this.bytes.length - this.at);
    this.each(openList, closeList, () => {
      if (this.next() === quote) {
        this.at++;
        this.readText(texts, space);
        this.readText(texts, quote);
        return;
      }
      this.take(openList);
      this.take(quote);
      this.readText(texts, quote);
      this.take(comma);
      this.take(quote);
      this.readText(texts, quote);
      this.take(closeList);
    });
    return texts.taken();
  }

  /** A text in the byte-level alphabet up to a quote or space, and that. */
  private readText(into: TextList, end: number): void {
    const { bytes } = this;
    const { pool } = into;
    let { at } = this;
    let to = into.held;
    for (;;) {
      let code = bytes[at++];
      if (code === end) break;
      if (code === quote) throw new Unusual();
      if (code === backslash) {
        code = bytes[at++];
        if (code !== quote && code !== backslash) throw new Unusual();
      } else if (code >= 0x80) {
        // UTF-8 of two bytes: no character of the alphabet has more.
        const second = bytes[at++];
        if ((code & 0xe0) !== 0xc0 || (second & 0xc0) !== 0x80) throw new Unusual();
        code = ((code & 0x1f) << 6) | (second & 0x3f);
      }
      const byte = codeToByte[code];
      if (!(byte >= 0)) throw new Unusual();
      pool[to++] = byte;
    }
    if (to === into.held) throw new Unusual();
    this.at = at;
    into.add(to);
  }

  private readId(): number {
    let id = 0;
    const start = (this.next(), this.at);
    for (let digit = this.bytes[this.at] - 0x30; digit >= 0 && digit <= 9; digit = this.bytes[++this.at] - 0x30) id = id * 10 + digit;
    const digits = this.at - start;
    if (digits === 0 || digits > 8 || (digits > 1 && this.bytes[start] === 0x30)) throw new Unusual();
    return id;
  }

  /** The members of an object; visit leaves off behind each value. */
  private members(visit: (key: string) => void): void {
    this.each(openObject, closeObject, () => {
      this.take(quote);
      const start = this.at;
      this.skipString();
      const key = Buffer.from(this.bytes.subarray(start, this.at - 1)).toString("latin1");
      if (key.includes("\\")) throw new Unusual();
      this.take(colon);
      this.next();
      visit(key);
    });
  }

  /** What stands between two brackets, with commas between. */
  private each(open: number, close: number, visit: () => void): void {
    this.take(open);
    if (this.next() === close) {
      this.at++;
      return;
    }
    for (;;) {
      this.next();
      visit();
      if (this.next() === close) break;
      this.take(comma);
    }
    this.at++;
  }

  /** JSON.parse sees it later: here only its end matters. */
  private skipValue(): void {
    let depth = 0;
    do {
      const byte = this.next();
      this.at++;
      if (byte === quote) this.skipString();
      else if (byte === openObject || byte === openList) depth++;
      else if (byte === closeObject || byte === closeList) depth--;
      else while (depth === 0 && !endsValue(this.bytes[this.at])) this.at++;
    } while (depth > 0);
  }

  /** From behind its first quote to behind its last. */
  private skipString(): void {
    const { bytes } = this;
    for (;;) {
      const byte = bytes[this.at++];
      if (byte === quote) return;
      if (byte === backslash) this.at++;
      else if (byte === undefined) throw new Unusual();
    }
  }

  private take(byte: number): void {
    if (this.next() !== byte) throw new Unusual();
    this.at++;
  }

  /** The next byte that is not white space; `at` is there then. */
  private next(): number {
    const { bytes } = this;
    let { at } = this;
    let byte = bytes[at];
    while (byte === space || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++at];
    this.at = at;
    if (byte === undefined) throw new Unusual();
    return byte;
  }
}

/** Behind a number, true, false or null. */
function endsValue(byte: number | undefined): boolean {
  return byte === undefined || byte === comma || byte === closeObject || byte === closeList || byte <= space;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unusual();
  }
}

class TextList {
  readonly pool: Uint8Array;
  readonly ends: Uint32Array;
  count = 0;
  /** Bytes in the pool. */
  held = 0;

  /** Room for all texts in so many bytes of JSON, where a text takes three bytes at least. Memory that is not written to costs nothing. */
  constructor(bytes: number) {
    this.pool = new Uint8Array(bytes);
    this.ends = new Uint32Array(Math.ceil(bytes / 3));
  }

  add(end: number): void {
    this.ends[this.count++] = this.held = end;
  }

  taken(): ByteTexts {
    return { pool: this.pool.subarray(0, this.held), ends: this.ends.subarray(0, this.count) };
  }
}
