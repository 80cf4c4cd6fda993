// The lines of test/vectors/ledger/ledger.parquet. Run as a program, writes that file to the path given.
import { join } from "node:path";
import { joinLedgerParts, writeLedgerPart } from "../../src/io/ledger-file.ts";
import { scratchFolder } from "../cases/scratch.ts";
import { ledgerPartOf, linesOfEveryKind } from "./ledger-lines.ts";

export const vectorParts = [
  linesOfEveryKind("general", "a.jsonl", 300),
  // No flags, no evidence.
  linesOfEveryKind("plain", "b.csv", 20).map((line) => ({ ...line, flags: [], evidence: "" })),
  linesOfEveryKind("other", "größer/漢字 #2.jsonl", 9),
];

if (process.argv[1] === import.meta.filename) {
  const folder = scratchFolder("ledger-vector");
  const paths = vectorParts.map((lines, number) => {
    const path = join(folder, `${number}.parquet`);
    writeLedgerPart(path, ledgerPartOf(lines));
    return path;
  });
  joinLedgerParts(paths, process.argv[2]);
}
