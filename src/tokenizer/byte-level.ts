// The byte-level alphabet: GPT-2's reversible map between the 256 bytes and 256 printable characters, in which
// byte-level vocabularies are written. Knows nothing of vocabularies or merges.

/** Characters of the alphabet have codes below this: 256 bytes, 68 of which moved to 256..323. */
const alphabetEnd = 0x144;

const byteToCode = new Uint16Array(256);
/** By character code: its byte, or -1; nothing behind the alphabet. */
export const codeToByte = new Int16Array(alphabetEnd).fill(-1);

let moved = 0x100;
for (let byte = 0; byte < 256; byte++) {
  const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  byteToCode[byte] = printable ? byte : moved++;
  codeToByte[byteToCode[byte]] = byte;
}

/** The character that stands for a byte: 32 (space) is "\u0120". */
export function byteCharacter(byte: number): string {
  return String.fromCharCode(byteToCode[byte]);
}

/** Writes a token's bytes at `at` and returns where they end, or -1 where a character is not of the alphabet. */
export function writeTokenBytes(token: string, into: Uint8Array, at: number): number {
  for (let i = 0; i < token.length; i++) {
    const code = token.charCodeAt(i);
    const byte = code < alphabetEnd ? codeToByte[code] : -1;
    if (byte < 0) return -1;
    into[at++] = byte;
  }
  return at;
}
