// Tasks for the pool's test: a number of milliseconds to work, or a way to fail.
import { recipeError } from "../../src/core/errors.ts";
import { serveTasks } from "../../src/pipeline/pool-worker.ts";

export interface TestTask {
  readonly name: string;
  readonly milliseconds?: number;
  readonly fails?: "user error" | "fault" | "exit";
}

function run({ name, milliseconds = 0, fails }: TestTask): Promise<string> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
  if (fails === "user error") throw recipeError({ where: name, expected: "this", found: "that", fix: "mend it" });
  if (fails === "fault") throw new Error(`${name} broke`);
  if (fails === "exit") process.exit(3);
  return Promise.resolve(`done ${name}`);
}

serveTasks(async (task: TestTask) => run(task));
