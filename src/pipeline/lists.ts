// Growing typed arrays for columns whose length is not known in advance.

export class Uint32List {
  private values = new Uint32Array(4096);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Uint32Array(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  taken(): Uint32Array {
    return this.values.subarray(0, this.length);
  }
}
