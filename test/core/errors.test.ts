import assert from "node:assert/strict";
import test from "node:test";
import { nearest, recipeError } from "../../src/core/errors.ts";

test("the nearest name is one a slip of the keyboard away", () => {
  const names = ["run", "check", "explain", "diff", "report"];
  assert.equal(nearest("rnu", names), "run");
  assert.equal(nearest("chekc", names), "check");
  assert.equal(nearest("EXPLAIN", names), "explain");
  assert.equal(nearest("reprot", names), "report");
  assert.equal(nearest("tokenizr", ["tokenizer", "sources"]), "tokenizer");
});

test("another word is no slip: a name about the same thing is nearer", () => {
  const names = ["eval_strategy", "save_steps", "save_total_limit"];
  assert.equal(nearest("save_strategy", names), "save_steps");
  assert.equal(nearest("eval_strtegy", names), "eval_strategy");
  assert.equal(nearest("savesteps", names), "save_steps");
});

test("a short or strange name has no neighbour", () => {
  assert.equal(nearest("b", ["a"]), undefined);
  assert.equal(nearest("x", ["mix"]), undefined);
  assert.equal(nearest("publish", ["run", "check"]), undefined);
});

test("an error says the place, what was expected, what was found and what to do", () => {
  const error = recipeError({ where: "a.yaml:3 seed", expected: "a number", found: "red", fix: "write 42" });
  assert.equal(error.message, "a.yaml:3 seed\n  expected: a number\n  found:    red\n  to do:    write 42");
  assert.equal(error.exitCode, 2);
});
