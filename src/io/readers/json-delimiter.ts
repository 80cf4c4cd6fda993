// Where JSON values end, by brackets and strings alone: values need not be valid, so that one broken value does not take the others with it.
// A newline ends a string that was left open, because JSON has none inside strings: in printed files a lost quote costs one record.
import type { Delimiter } from "./record-bytes.ts";

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;

/** What a byte can mean outside strings. */
const structure = new Uint8Array(256);
for (const byte of Buffer.from('{}[],"')) structure[byte] = 1;

/** Follows JSON byte by byte. Depth 0 is where it began: inside the container whose values are sought. */
export class JsonTracker {
  depth = 0;
  inString = false;
  private escaped = false;

  /** Index of the next of {}[],: outside strings, entering and leaving strings on the way; -1 at the end. Depth is the caller's to keep. */
  next(bytes: Buffer, from: number, to: number): number {
    let i = from;
    for (;;) {
      if (this.inString) {
        i = this.skipString(bytes, i, to);
        if (i < 0) return -1;
      }
      while (i < to && structure[bytes[i]] === 0) i++;
      if (i >= to) return -1;
      if (bytes[i] !== quote) return i;
      this.inString = true;
      i++;
    }
  }

  /** Index behind the string's closing quote, or -1. */
  private skipString(bytes: Buffer, from: number, to: number): number {
    let i = from;
    if (this.escaped && i < to) {
      this.escaped = false;
      if (bytes[i] !== newline) i++;
    }
    while (i < to) {
      const byte = bytes[i++];
      if (byte === backslash) {
        if (i >= to) {
          this.escaped = true;
          return -1;
        }
        if (bytes[i] !== newline) i++;
      } else if (byte === quote || byte === newline) {
        this.inString = false;
        return i;
      }
    }
    return -1;
  }
}

/** Values separated by commas inside a container that has been entered; the bracket that closes it ends the last one. */
export function elementDelimiter(): Delimiter {
  const tracker = new JsonTracker();
  const delimiter = {
    closed: false,
    end(bytes: Buffer, from: number, to: number): number {
      for (let i = from; (i = tracker.next(bytes, i, to)) >= 0; i++) {
        const byte = bytes[i];
        if (byte === 0x7b || byte === 0x5b) tracker.depth++;
        else if (byte === 0x2c) {
          if (tracker.depth === 0) return i + 1;
        } else if (tracker.depth-- === 0) {
          delimiter.closed = true;
          return i + 1;
        }
      }
      return -1;
    },
  };
  return delimiter;
}

/** Whole values, one behind the other, without a container. */
export function valueDelimiter(): Delimiter {
  const tracker = new JsonTracker();
  return {
    closed: false,
    end(bytes, from, to) {
      for (let i = from; (i = tracker.next(bytes, i, to)) >= 0; i++) {
        const byte = bytes[i];
        if (byte === 0x7b || byte === 0x5b) tracker.depth++;
        else if (byte !== 0x2c && --tracker.depth <= 0) {
          tracker.depth = 0;
          return i + 1;
        }
      }
      return -1;
    },
  };
}
