// Positions in UTF-8 bytes and in UTF-16 units, and from one to the other.

/** Bytes of the character that this byte leads. */
function characterBytes(lead: number): number {
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

/** Bytes of the units text[from, to), which hold whole characters. */
export function utf8Length(text: string, from: number, to: number): number {
  let bytes = 0;
  for (let i = from; i < to; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes++;
    else if (unit < 0x800) bytes += 2;
    else if (isLead(unit) && i + 1 < to && isTrail(text.charCodeAt(i + 1))) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

function isLead(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isTrail(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}
