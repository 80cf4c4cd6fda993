// A text as UTF-8 in a buffer that is reused from text to text: what scanners, the word cache and merges work on.
// Lone surrogates become U+FFFD. Positions are bytes.

/** Readable bytes behind the text, so that four-byte loads at its end stay inside the buffer. */
const slack = 8;
/** A buffer that one huge text made larger than this is let go afterwards (bytes). */
const keep = 1 << 22;

const encoder = new TextEncoder();

export class Utf8Text {
  bytes: Uint8Array = new Uint8Array(1 << 16);
  view: DataView = new DataView(this.bytes.buffer);
  /** The text is bytes[0, length). */
  length = 0;

  /** Holds this text from now on; returns its length in bytes. Equal to text.length only where all of it is ASCII. */
  set(text: string): number {
    const enough = text.length + slack;
    if (this.bytes.length < enough || this.bytes.length > Math.max(keep, enough * 4)) this.resize(Math.max(enough, 1 << 16));
    let { read, written } = encoder.encodeInto(text, this.bytes.subarray(0, this.bytes.length - slack));
    while (read < text.length) {
      // Three bytes a unit always suffice; growing by the rest's likely size first keeps huge texts small.
      this.resize(written + (text.length - read) * 3 + slack, written);
      const more = encoder.encodeInto(text.slice(read), this.bytes.subarray(written, this.bytes.length - slack));
      read += more.read;
      written += more.written;
    }
    this.length = written;
    return written;
  }

  private resize(capacity: number, held = 0): void {
    const larger = new Uint8Array(capacity);
    larger.set(this.bytes.subarray(0, held));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}

/** Bytes of the character that this byte leads. */
export function characterBytes(lead: number): number {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/**
 * Turns byte positions positions[from, to), rising, into the UTF-16 offsets of the characters they lie in, in place.
 * bytes[0, end) is valid UTF-8.
 */
export function bytesToUnits(bytes: Uint8Array, positions: Uint32Array, from: number, to: number): void {
  let byte = 0;
  let unit = 0;
  for (let i = from; i < to; i++) {
    const position = positions[i];
    for (;;) {
      const width = characterBytes(bytes[byte]);
      if (byte + width > position) break;
      byte += width;
      unit += width === 4 ? 2 : 1;
    }
    positions[i] = unit;
  }
}

/** The other way: rising UTF-16 offsets, none inside a character, into byte positions, in place. */
export function unitsToBytes(bytes: Uint8Array, offsets: Uint32Array): void {
  let byte = 0;
  let unit = 0;
  for (let i = 0; i < offsets.length; i++) {
    const offset = offsets[i];
    while (unit < offset) {
      const width = characterBytes(bytes[byte]);
      byte += width;
      unit += width === 4 ? 2 : 1;
    }
    offsets[i] = byte;
  }
}
