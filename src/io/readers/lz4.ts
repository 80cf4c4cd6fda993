// LZ4: frames, as Arrow and Feather files pack their buffers, and bare blocks, as Parquet does. Checksums are not verified.

const magic = 0x184d2204;

export function unpackLz4Frame(input: Uint8Array): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (view.getUint32(0, true) !== magic) throw new Error("no LZ4 frame");
  const flags = view.getUint8(4);
  const blockChecksum = (flags & 0x10) !== 0;
  const contentSize = (flags & 0x08) !== 0;
  const dictionary = (flags & 0x01) !== 0;
  let at = 6 + (contentSize ? 8 : 0) + (dictionary ? 4 : 0) + 1;
  const output = new Output();
  for (;;) {
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) return output.taken();
    const size = word & 0x7fff_ffff;
    if (at + size > input.length) throw new Error(`an LZ4 block of ${size} bytes, ${input.length - at} left`);
    const block = input.subarray(at, at + size);
    if (word >>> 31 === 1) output.append(block);
    else unpackBlock(block, output);
    at += size + (blockChecksum ? 4 : 0);
  }
}

/** A single block without a frame, as Parquet has it. */
export function unpackLz4Block(input: Uint8Array): Uint8Array {
  const output = new Output();
  unpackBlock(input, output);
  return output.taken();
}

class Output {
  bytes = new Uint8Array(1 << 16);
  length = 0;

  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  taken(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }
}

function unpackBlock(input: Uint8Array, output: Output): void {
  let at = 0;
  const extended = (length: number): number => {
    let total = length;
    if (length < 15) return total;
    for (;;) {
      if (at >= input.length) throw new Error("an LZ4 block ends inside a length");
      const byte = input[at++];
      total += byte;
      if (byte < 255) return total;
    }
  };
  while (at < input.length) {
    const token = input[at++];
    const literals = extended(token >> 4);
    if (at + literals > input.length) throw new Error("an LZ4 block ends inside its literals");
    output.append(input.subarray(at, at + literals));
    at += literals;
    if (at >= input.length) return;
    const distance = input[at] | (input[at + 1] << 8);
    at += 2;
    if (!(distance > 0 && distance <= output.length)) throw new Error(`an LZ4 match ${distance} bytes back, ${output.length} unpacked`);
    const length = extended(token & 15) + 4;
    output.reserve(length);
    const { bytes } = output;
    let to = output.length;
    for (const end = to + length; to < end; to++) bytes[to] = bytes[to - distance];
    output.length = to;
  }
}
