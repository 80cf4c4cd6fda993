// An engine that remembers what was allocated through it, so that all of it can be given back at once.
import type { Engine, Tensor } from "../engine.ts";

export function trackAllocations<T extends Tensor>(engine: Engine<T>): { readonly engine: Engine<T>; releaseAll(): void } {
  const owned = new Set<T>();
  const tracking: Engine<T> = {
    ...engine,
    allocate(spec) {
      const tensor = engine.allocate(spec);
      owned.add(tensor);
      return tensor;
    },
    release(tensor) {
      owned.delete(tensor);
      engine.release(tensor);
    },
  };
  return {
    engine: tracking,
    releaseAll() {
      for (const tensor of owned) engine.release(tensor);
      owned.clear();
    },
  };
}
