// Where a job lies in the shared memory, and how its numbers are read. The other side is ../pool.ts.
// A job is a kernel, a count of chunks and up to 28 integers (pointers and sizes) and 16 floats. Pointers and strides are bytes.

/** Page 0 holds the module's constants below CONTROL; the rest of the page is for control. */
export const CONTROL: usize = 32768;
/** u64: the job's generation in the high half, chunks not yet claimed in the low half. One word, so that a claim holds for one job only. */
export const TICKET: usize = CONTROL;
/** i32: chunks finished. */
export const DONE: usize = CONTROL + 64;
/** i32: 0 while the engine is open, 1 when it closes, FAILED when a thread was lost. */
export const STATE: usize = CONTROL + 128;
export const JOB: usize = CONTROL + 192;
export const JOB_BYTES: usize = 192;

export const FAILED: i32 = 2;

export function kernelOf(job: usize): i32 {
  return load<i32>(job);
}

export function chunksOf(job: usize): i32 {
  return load<i32>(job, 4);
}

export function pointer(job: usize, index: usize): usize {
  return <usize>load<u32>(job + (index << 2), 16);
}

export function int(job: usize, index: usize): i32 {
  return load<i32>(job + (index << 2), 16);
}

export function float(job: usize, index: usize): f32 {
  return load<f32>(job + (index << 2), 128);
}
