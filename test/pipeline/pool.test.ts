import assert from "node:assert/strict";
import { test } from "node:test";
import { SluiceError } from "../../src/core/errors.ts";
import { createPool, type Pool } from "../../src/pipeline/pool.ts";
import type { TestTask } from "../cases/pool-tasks.ts";

async function withPool<T>(workers: number, use: (pool: Pool<TestTask, string>) => Promise<T>): Promise<T> {
  const pool = createPool<TestTask, string>({ script: new URL("../cases/pool-tasks.js", import.meta.url), workers, workerData: undefined });
  try {
    return await use(pool);
  } finally {
    await pool.close();
  }
}

function named(count: number): TestTask[] {
  return Array.from({ length: count }, (_, i) => ({ name: `t${i}` }));
}

/** Runs the tasks and collects what was told. */
async function collect(pool: Pool<TestTask, string>, tasks: readonly TestTask[], told: string[] = []): Promise<string[]> {
  await pool.run(tasks, (task, result) => void told.push(`${task.name}: ${result}`));
  return told;
}

for (const workers of [1, 3]) {
  test(`${workers} workers run every task once, list after list`, () =>
    withPool(workers, async (pool) => {
      for (const count of [0, 1, 2, 50]) {
        const tasks = named(count);
        const told = await collect(pool, tasks);
        assert.deepEqual(told.sort(), tasks.map(({ name }) => `${name}: done ${name}`).sort());
      }
    }));
}

test("workers go on while the main thread is busy", () =>
  withPool(1, async (pool) => {
    await collect(pool, named(1));
    const tasks = Array.from({ length: 8 }, (_, i) => ({ name: `t${i}`, milliseconds: 20 }));
    const told: string[] = [];
    const running = collect(pool, tasks, told);
    const start = performance.now();
    while (performance.now() - start < 600);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(told.length, tasks.length);
    await running;
  }));

test("a user error stays one, a fault keeps its message, and nothing is begun after the first failure", () =>
  withPool(2, async (pool) => {
    const slow = Array.from({ length: 200 }, (_, i) => ({ name: `t${i}`, milliseconds: 10 }));
    const told: string[] = [];
    await assert.rejects(collect(pool, [{ name: "bad", fails: "user error" }, ...slow], told), (error: unknown) => {
      assert.ok(error instanceof SluiceError);
      assert.match(error.message, /bad[\s\S]*mend it/);
      return true;
    });
    assert.ok(told.length < 50, `${told.length} tasks ended after the failure`);
    await assert.rejects(collect(pool, [{ name: "worse", fails: "fault" }]), /worse broke/);
  }));

test("a worker that ended before its first task is an error", async () => {
  const pool = createPool<TestTask, string>({
    script: new URL("../cases/no-such-script.js", import.meta.url),
    workers: 1,
    workerData: undefined,
  });
  pool.start(1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await assert.rejects(collect(pool, named(2)), /no-such-script/);
  await pool.close();
});

test("a worker that ends in the middle of a task is an error, and so is a callback that throws", async () => {
  await withPool(2, (pool) =>
    assert.rejects(collect(pool, [{ name: "gone", fails: "exit" }, ...named(5)]), /ended with code 3 in the middle of a task/),
  );
  await withPool(2, (pool) =>
    assert.rejects(
      pool.run(named(5), () => {
        throw new Error("not wanted");
      }),
      /not wanted/,
    ),
  );
});
