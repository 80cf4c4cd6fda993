// Where JSON values end, by brackets and strings alone: values need not be valid, so that one broken value does not take the others with it.
// A newline ends a string that was left open, because JSON has none inside strings: in printed files, and files of
// a record a line, a lost quote costs one record.
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
  /** A string was left open at the end of its line. */
  broken = false;
  private escaped = false;

  /**
   * Index of the next of {}[], outside strings, or of a newline that ended a string; -1 at the end. Depth is the caller's to keep.
   */
  next(bytes: Buffer, from: number, to: number): number {
    let i = from;
    for (;;) {
      if (this.inString) {
        i = this.skipString(bytes, i, to);
        if (i < 0) return -1;
        if (bytes[i - 1] === newline) {
          this.broken = true;
          return i - 1;
        }
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
export class ElementDelimiter implements Delimiter {
  closed = false;
  /** The first of {[,]} that was met: what kind of values there are. */
  first = 0;
  private readonly tracker = new JsonTracker();
  /** After a string that a newline ended: brackets may have been lost in it. */
  private readonly recovery = new Recovery();

  end(bytes: Buffer, from: number, to: number): number {
    const { tracker, recovery } = this;
    for (let i = from; ;) {
      if (tracker.broken) {
        i = recovery.next(tracker, bytes, i, to);
        if (i < 0) return -1;
        if (recovery.recordEnds) return this.recordEnd(i);
      } else {
        i = tracker.next(bytes, i, to);
        if (i < 0) {
          recovery.remember(bytes, from, to);
          return -1;
        }
      }
      const byte = bytes[i];
      if (this.first === 0) this.first = byte;
      if (byte === newline) recovery.begin(bytes, from, i);
      else if (byte === 0x7b || byte === 0x5b) tracker.depth++;
      else if (byte === 0x2c) {
        if (tracker.depth === 0) return this.recordEnd(i + 1);
      } else if (tracker.depth-- === 0) {
        this.closed = true;
        return i + 1;
      }
      i++;
    }
  }

  private recordEnd(end: number): number {
    this.tracker.depth = 0;
    this.tracker.broken = false;
    this.recovery.forget();
    return end;
  }
}

/**
 * Finds the way back after a broken string: a line that begins with { and follows a line that ends with a comma begins the next record.
 * In files with a record a line, or records printed over lines, a lost quote then costs one record.
 */
class Recovery {
  /** True where `next` found the begin of another record. */
  recordEnds = false;
  /** The last byte that was not white space; 0 at a record's start. */
  private last = 0;
  /** The current line follows one that ends with a comma, and nothing but white space was in it yet. */
  private fresh = false;
  private escaped = false;

  forget(): void {
    this.last = 0;
    this.fresh = false;
    this.escaped = false;
    this.recordEnds = false;
  }

  remember(bytes: Buffer, from: number, to: number): void {
    for (let i = to - 1; i >= from; i--) {
      if (isWhite(bytes[i])) continue;
      this.last = bytes[i];
      return;
    }
  }

  /** A newline at `position` has ended a string. */
  begin(bytes: Buffer, from: number, position: number): void {
    this.remember(bytes, from, position);
    this.fresh = this.last === 0x2c;
  }

  /** Index of the next of {}[], outside strings, byte by byte; -1 at the end. */
  next(tracker: JsonTracker, bytes: Buffer, from: number, to: number): number {
    this.recordEnds = false;
    for (let i = from; i < to; i++) {
      const byte = bytes[i];
      if (byte === newline) {
        tracker.inString = false;
        this.escaped = false;
        this.fresh = this.last === 0x2c;
        continue;
      }
      if (this.escaped) {
        this.escaped = false;
        continue;
      }
      if (isWhite(byte)) continue;
      const begins = this.fresh && byte === 0x7b && !tracker.inString;
      this.fresh = false;
      this.last = byte;
      if (begins) {
        this.recordEnds = true;
        return i;
      }
      if (tracker.inString) {
        if (byte === backslash) this.escaped = true;
        else if (byte === quote) tracker.inString = false;
      } else if (byte === quote) tracker.inString = true;
      else if (structure[byte] === 1) return i;
    }
    return -1;
  }
}

function isWhite(byte: number): boolean {
  return byte === 0x20 || byte === newline || byte === 0x0d || byte === 0x09;
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
        else if (byte !== 0x2c && byte !== newline && --tracker.depth <= 0) {
          tracker.depth = 0;
          return i + 1;
        }
      }
      return -1;
    },
  };
}
