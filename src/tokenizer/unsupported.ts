// What a part of a tokenizer.json needs that our own byte-level BPE does not do; load.ts then takes the fallback.

export class Unsupported extends Error {
  constructor(what: string) {
    super(what);
    this.name = "Unsupported";
  }
}
