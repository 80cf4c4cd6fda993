// Which tokens of a row carry loss, as lengths of runs: tokens without loss, tokens with loss, without ... in turn. A row has a handful of
// runs and hundreds of tokens, so ids can be copied whole where a mask would be walked token by token.

/** Builds runs; used again from row to row. Only the first run may be empty. */
export class LossRuns {
  private lengths = new Uint32Array(64);
  private count = 0;

  /** Appends so many tokens. */
  add(tokens: number, trained: boolean): void {
    if (tokens === 0) return;
    const lastIsTrained = this.count % 2 === 0;
    if (this.count > 0 && trained === lastIsTrained) {
      this.lengths[this.count - 1] += tokens;
      return;
    }
    if (this.count === 0 && trained) this.push(0);
    this.push(tokens);
  }

  /** Appends the runs of other tokens. */
  addRuns(runs: Uint32Array): void {
    for (let run = 0; run < runs.length; run++) this.add(runs[run], run % 2 === 1);
  }

  /** Keeps the first tokens alone. */
  cut(tokens: number): void {
    let left = tokens;
    for (let run = 0; run < this.count; run++) {
      if (this.lengths[run] < left) left -= this.lengths[run];
      else {
        this.lengths[run] = left;
        this.count = run + 1;
      }
    }
  }

  /** Tokens with loss. */
  get lossTokens(): number {
    let sum = 0;
    for (let run = 1; run < this.count; run += 2) sum += this.lengths[run];
    return sum;
  }

  /** The runs; a view, valid until the next change. */
  view(): Uint32Array {
    return this.lengths.subarray(0, this.count);
  }

  clear(): void {
    this.count = 0;
  }

  private push(tokens: number): void {
    if (this.count === this.lengths.length) {
      const larger = new Uint32Array(this.count * 2);
      larger.set(this.lengths);
      this.lengths = larger;
    }
    this.lengths[this.count++] = tokens;
  }
}

/** mask[tokens]: 1 where the token carries loss. */
export function maskOf(runs: ArrayLike<number>): Uint8Array {
  let tokens = 0;
  for (let run = 0; run < runs.length; run++) tokens += runs[run];
  const mask = new Uint8Array(tokens);
  let at = 0;
  for (let run = 0; run < runs.length; run++) {
    if (run % 2 === 1) mask.fill(1, at, at + runs[run]);
    at += runs[run];
  }
  return mask;
}
