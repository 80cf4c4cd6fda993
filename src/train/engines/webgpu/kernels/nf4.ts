// 4-bit weights back to floats: an invocation takes a word of eight codes.
import { nf4Block, nf4ScaleBlock, nf4Values } from "../../../ops/dequantize-nf4.ts";
import { groupNumber, type Kernel, reads, unroll, writes } from "../kernel.ts";
import { elementThreads } from "./elementwise.ts";

type Buffers = "codes" | "scaleCodes" | "scaleRanges" | "codebook" | "offset" | "out";

/** count: words of codes. */
export const dequantizeNf4Kernel: Kernel<Buffers, "count" | "length"> = {
  name: "dequantizeNf4",
  threads: elementThreads,
  buffers: { codes: reads("u32"), scaleCodes: reads("u32"), scaleRanges: reads(), codebook: reads(), offset: reads(), out: writes() },
  params: { count: "u32", length: "u32" },
  declarations: `var<workgroup> values: array<f32, 16>;
const nf4 = array<f32, 16>(${nf4Values.join(", ")});`,
  body: `  if (thread < 16u) { values[thread] = nf4[thread]; }
  workgroupBarrier();
  let i = ${groupNumber} * ${elementThreads}u + thread;
  if (i >= params.count) { return; }
  let block = i / ${nf4Block / 8}u;
  let code = (scaleCodes[block / 4u] >> (8u * (block % 4u))) & 255u;
  let scale = codebook[code] * scaleRanges[block / ${nf4ScaleBlock}u] + offset[0];
  let word = codes[i];
${unroll(
  8,
  (k) =>
    // The first value of a byte is in its high four bits.
    `  if (i * 8u + ${k}u < params.length) { out[i * 8u + ${k}u] = values[(word >> ${(k >> 1) * 8 + (k % 2 === 0 ? 4 : 0)}u) & 15u] * scale; }`,
)}`,
};
