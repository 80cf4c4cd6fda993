// What goes wrong on a device is told later, by promises and events. It is kept here, and thrown at whoever calls next.
import { trainingError } from "../../../core/errors.ts";
import { OutOfMemory, type TensorSpec } from "../../engine.ts";

export interface Failures {
  /** The device had no memory for it after all; granted: bytes of what it had given. */
  refused(spec: TensorSpec, granted: number): void;
  /**
   * Throws what went wrong, or that the engine is closed. waiting: whether it is not yet known that all memory was granted: what fails for want of it
   * is not told before.
   */
  check(waiting: boolean): void;
  /** From here on the device may be gone. */
  close(): void;
}

export function watchDevice(device: GPUDevice, name: string): Failures {
  const where = `webgpu, ${name}`;
  /** That memory ran out explains what failed after it: it is told even where that was known before. */
  let outOfMemory: Error | undefined;
  let other: Error | undefined;
  let closed = false;
  void device.lost.then(({ reason, message }) => {
    if (closed) return;
    other = trainingError({
      where,
      expected: "a device that works",
      found: `the device was lost (${reason}): ${message}`,
      fix: "start again: training goes on from the last checkpoint. A driver that takes longer than it may for one piece of work resets the device",
    });
  });
  device.addEventListener("uncapturederror", (event) => {
    // It is told here, not on the terminal.
    event.preventDefault();
    other ??= new Error(`${where}: ${(event as GPUUncapturedErrorEvent).error.message}`);
  });
  return {
    refused(spec, granted) {
      outOfMemory ??= new OutOfMemory(where, spec, { granted });
    },
    check(waiting) {
      if (closed) throw new Error("this engine is closed");
      const failure = outOfMemory ?? (waiting ? undefined : other);
      if (failure) throw failure;
    },
    close() {
      closed = true;
    },
  };
}
