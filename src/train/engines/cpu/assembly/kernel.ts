// The CPU engine's kernels (WebAssembly SIMD), and the threads that run them. Every thread has an instance of this module; the memory is
// shared. A job's chunks are claimed one by one; what a chunk computes does not depend on who runs it, or on how many threads there are.
import { attend, attendBackward } from "./attention.ts";
import { adamW, clear, copyValues, dequantize, dropout, narrowBf16, squares, swiGlu, swiGluBackward, widenBf16 } from "./elementwise.ts";
import { chunksOf, DONE, FAILED, JOB, JOB_BYTES, kernelOf, STATE, TICKET } from "./job.ts";
import { addBias, addParts, columnSums, dots, multiply, packB } from "./product.ts";
import { addRmsNorm, crossEntropy, gather, normRope, normRopeBackward, rmsNormBackward, scatterAdd } from "./rows.ts";

/** Numbers of the kernels, read by ../pool.ts. */
export const PACK_B: i32 = 0;
export const MULTIPLY: i32 = 1;
export const DOTS: i32 = 2;
export const ADD_BIAS: i32 = 3;
export const COLUMN_SUMS: i32 = 4;
export const ADD_PARTS: i32 = 5;
export const ATTEND: i32 = 6;
export const ATTEND_BACKWARD: i32 = 7;
export const SWIGLU: i32 = 8;
export const SWIGLU_BACKWARD: i32 = 9;
export const ADAMW: i32 = 10;
export const SQUARES: i32 = 11;
export const CLEAR: i32 = 12;
export const COPY: i32 = 13;
export const DROPOUT: i32 = 14;
export const DEQUANTIZE: i32 = 15;
export const WIDEN_BF16: i32 = 16;
export const NARROW_BF16: i32 = 17;
export const GATHER: i32 = 18;
export const SCATTER_ADD: i32 = 19;
export const ADD_RMS_NORM: i32 = 20;
export const RMS_NORM_BACKWARD: i32 = 21;
export const NORM_ROPE: i32 = 22;
export const NORM_ROPE_BACKWARD: i32 = 23;
export const CROSS_ENTROPY: i32 = 24;

function compute(job: usize, chunk: i32, scratch: usize): void {
  switch (kernelOf(job)) {
    case PACK_B:
      return packB(job, chunk);
    case MULTIPLY:
      return multiply(job, chunk, scratch);
    case DOTS:
      return dots(job, chunk);
    case ADD_BIAS:
      return addBias(job, chunk);
    case COLUMN_SUMS:
      return columnSums(job, chunk);
    case ADD_PARTS:
      return addParts(job, chunk);
    case ATTEND:
      return attend(job, chunk, scratch);
    case ATTEND_BACKWARD:
      return attendBackward(job, chunk, scratch);
    case SWIGLU:
      return swiGlu(job, chunk);
    case SWIGLU_BACKWARD:
      return swiGluBackward(job, chunk);
    case ADAMW:
      return adamW(job, chunk);
    case SQUARES:
      return squares(job, chunk);
    case CLEAR:
      return clear(job, chunk);
    case COPY:
      return copyValues(job, chunk);
    case DROPOUT:
      return dropout(job, chunk);
    case DEQUANTIZE:
      return dequantize(job, chunk);
    case WIDEN_BF16:
      return widenBf16(job, chunk);
    case NARROW_BF16:
      return narrowBf16(job, chunk);
    case GATHER:
      return gather(job, chunk);
    case SCATTER_ADD:
      return scatterAdd(job, chunk);
    case ADD_RMS_NORM:
      return addRmsNorm(job, chunk);
    case RMS_NORM_BACKWARD:
      return rmsNormBackward(job, chunk);
    case NORM_ROPE:
      return normRope(job, chunk);
    case NORM_ROPE_BACKWARD:
      return normRopeBackward(job, chunk);
    case CROSS_ENTROPY:
      return crossEntropy(job, chunk);
    default:
      unreachable();
  }
}

/** Looks at the ticket this often before a thread sleeps: some 30 microseconds, a few times the time between two ops. */
const SPINS: i32 = 15_000;
/** Nanoseconds the caller sleeps at once while others finish their chunks. */
const NAP: i64 = 1_000_000_000;
/** Naps without a chunk done after which a thread counts as lost. */
const NAPS: i32 = 120;

function generationOf(ticket: u64): i32 {
  return <i32>(ticket >> 32);
}

/** Claims and runs chunks of this job until there are none left. */
function drain(job: usize, generation: i32, scratch: usize): void {
  let ticket = atomic.load<u64>(TICKET);
  while (generationOf(ticket) == generation && <i32>ticket != 0) {
    const before = atomic.cmpxchg<u64>(TICKET, ticket, ticket - 1);
    if (before != ticket) {
      ticket = before;
      continue;
    }
    // Read after the claim: a claim that holds proves that the copy of the job is this job's.
    compute(job, chunksOf(job) - <i32>ticket, scratch);
    if (atomic.add<i32>(DONE, 1) + 1 == chunksOf(job)) atomic.notify(DONE, 1);
    ticket = atomic.load<u64>(TICKET);
  }
}

/** A thread's life: returns when the engine closes. own: JOB_BYTES for the copy of a job, then scratch. */
export function work(own: usize): void {
  const scratch = own + JOB_BYTES;
  let spins = 0;
  while (true) {
    const ticket = atomic.load<u64>(TICKET);
    if (<i32>ticket != 0) {
      memory.copy(own, JOB, JOB_BYTES);
      drain(own, generationOf(ticket), scratch);
      spins = 0;
      continue;
    }
    if (atomic.load<i32>(STATE) != 0) return;
    if (++spins < SPINS) continue;
    atomic.wait<i32>(TICKET + 4, generationOf(ticket), -1);
    spins = 0;
  }
}

/** Runs the job that lies at JOB, with the help of so many threads. Returns 0, or 1 where a thread was lost. */
export function run(helpers: i32, scratch: usize): i32 {
  const chunks = chunksOf(JOB);
  if (helpers == 0) {
    for (let chunk = 0; chunk < chunks; chunk++) compute(JOB, chunk, scratch);
    return 0;
  }
  atomic.store<i32>(DONE, 0);
  const generation = generationOf(atomic.load<u64>(TICKET)) + 1;
  atomic.store<u64>(TICKET, ((<u64>(<u32>generation)) << 32) | <u64>(<u32>chunks));
  atomic.notify(TICKET + 4, helpers);
  drain(JOB, generation, scratch);
  let spins = 0;
  let naps = 0;
  let last = 0;
  while (true) {
    const done = atomic.load<i32>(DONE);
    if (done == chunks) return 0;
    if (atomic.load<i32>(STATE) == FAILED) return 1;
    if (++spins < SPINS) continue;
    if (done != last) {
      last = done;
      naps = 0;
    }
    if (atomic.wait<i32>(DONE, done, NAP) == 2 && ++naps == NAPS) return 1;
  }
}

/** Ends the other threads: they return from `work`. state: STOPPED or FAILED. */
export function end(state: i32): void {
  atomic.store<i32>(STATE, state);
  atomic.add<u64>(TICKET, (<u64>1) << 32);
  atomic.notify(TICKET + 4, -1);
  atomic.notify(DONE, -1);
}
