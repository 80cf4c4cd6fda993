// attention, its backward op, and attention over cached keys: the work is cut by documents, blocks of queries and key heads.
import { recipeError } from "../../../../core/errors.ts";
import type { Ops } from "../../../ops/index.ts";
import { type CpuTensor, type Device, optional } from "../device.ts";

/** As in assembly/attention.ts. */
const blockQueries = 64;
const headsOfChunk = 4;
const largestHead = 256;

type AttentionOps = Pick<Ops<CpuTensor>, "attention" | "attentionBackward" | "cachedAttention">;

interface Heads {
  readonly heads: number;
  readonly keyHeads: number;
  readonly headSize: number;
  readonly scale: number;
  readonly window: number;
}

export function createAttention(device: Device): AttentionOps {
  const { run, memory } = device;

  /** Queries at place (their number + shift) of documents [from, to). */
  const attend = (
    tensors: {
      readonly q: CpuTensor;
      readonly k: CpuTensor;
      readonly v: CpuTensor;
      readonly out: CpuTensor;
      readonly logSumExp?: CpuTensor;
    },
    documents: readonly Span[],
    shift: number,
    { heads, keyHeads, headSize, scale, window }: Heads,
  ): void => {
    checkHead(headSize);
    const blocks: number[] = [];
    let pairs = 0;
    for (const { from, to } of documents) {
      for (let first = from; first < to; first += blockQueries) {
        const last = Math.min(to, first + blockQueries);
        blocks.push(first, last, from);
        pairs += (last - first) * Math.min(last + shift - from, window > 0 ? window + blockQueries : Infinity);
      }
    }
    const { q, k, v, out, logSumExp } = tensors;
    run({
      kernel: "ATTEND",
      chunks: (blocks.length / 3) * keyHeads * Math.ceil(heads / keyHeads / headsOfChunk),
      work: pairs * heads * headSize * 0.2,
      integers: [
        q.offset,
        k.offset,
        v.offset,
        out.offset,
        optional(logSumExp),
        putWords(device, blocks),
        heads,
        keyHeads,
        headSize,
        window,
        shift,
      ],
      floats: [scale],
    });
  };

  return {
    attention({ firsts, ends, rows, q, k, v, out, logSumExp, ...heads }) {
      attend({ q, k, v, out, logSumExp }, documentsOf(memory.words(firsts.offset, rows), memory.words(ends.offset, rows)), 0, heads);
    },
    cachedAttention({ q, k, v, out, start, rows, ...heads }) {
      attend({ q, k, v, out }, [{ from: 0, to: rows }], start, heads);
    },
    attentionBackward({ firsts, ends, rows, q, k, v, out, logSumExp, gradOut, gradQ, gradK, gradV, ...sizes }) {
      const { heads, keyHeads, headSize, scale, window } = sizes;
      checkHead(headSize);
      const documents = documentsOf(memory.words(firsts.offset, rows), memory.words(ends.offset, rows));
      const pairs = documents.reduce((sum, { from, to }) => sum + (to - from) ** 2, 0);
      const tensors = [q, k, v, out, logSumExp, gradOut, gradQ, gradK, gradV].map(({ offset }) => offset);
      const list = putWords(
        device,
        documents.flatMap(({ from, to }) => [from, to]),
      );
      run({
        kernel: "ATTEND_BACKWARD",
        chunks: documents.length * keyHeads,
        work: pairs * heads * headSize * 0.3,
        integers: [...tensors, list, heads, keyHeads, headSize, window],
        floats: [scale],
      });
    },
  };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function documentsOf(firsts: Uint32Array, ends: Uint32Array): Span[] {
  const documents: Span[] = [];
  for (let from = 0; from < firsts.length;) {
    const to = Math.min(firsts.length, Math.max(ends[from], from + 1));
    documents.push({ from, to });
    from = to;
  }
  return documents;
}

function putWords({ scratch, memory }: Device, values: readonly number[]): number {
  const at = scratch.take(values.length * 4);
  memory.words(at, values.length).set(values);
  return at;
}

function checkHead(headSize: number): void {
  if (headSize <= largestHead) return;
  throw recipeError({
    where: "model head_dim",
    expected: `up to ${largestHead} on the CPU engine`,
    found: String(headSize),
    fix: "train on another device, or another model",
  });
}
