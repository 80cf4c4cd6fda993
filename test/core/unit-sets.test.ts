// Tables of units by Unicode property.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isInert, putUnits } from "../../src/core/unit-sets.ts";

test("a table holds the value where a character has the property, and nowhere else", () => {
  for (const property of ["\\p{L}", "\\p{Nd}", "\\p{Script=Han}", "[\\p{M}_]", "[^\\p{L}]"]) {
    const table = new Uint8Array(0x10000);
    putUnits(table, new RegExp(`${property}+`, "gu"), 7);
    const one = new RegExp(property, "u");
    for (let unit = 0; unit < 0x10000; unit++) {
      const surrogate = unit >= 0xd800 && unit < 0xe000;
      assert.equal(table[unit], !surrogate && one.test(String.fromCharCode(unit)) ? 7 : 0, `${property} ${unit.toString(16)}`);
    }
  }
});

test("characters of the inert blocks are their own lower case and normal form", () => {
  for (let unit = 0; unit < 0x10000; unit++) {
    if (!isInert(unit)) continue;
    const character = String.fromCharCode(unit);
    assert.equal(character.toLowerCase().normalize("NFKC"), character);
    assert.ok(!/\p{M}/u.test(character));
  }
});
