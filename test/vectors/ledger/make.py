# Writes the ledger of test/io/ledger-vector.ts and what other readers find in it to lines.json: pyarrow, with which pandas must agree,
# and DuckDB.
# Usage, after npm run build: python make.py (versions are in lines.json)
import json
import pathlib
import subprocess

import duckdb
import pandas
import pyarrow
import pyarrow.parquet as parquet

here = pathlib.Path(__file__).parent
file = here / "ledger.parquet"
subprocess.run(["node", here.parents[2] / "dist/test/io/ledger-vector.js", file], check=True)
table = parquet.read_table(file)
table.validate(full=True)
lines = table.to_pylist()
frame = pandas.read_parquet(file)
assert [{**line, "flags": list(line["flags"])} for line in frame.to_dict("records")] == lines
relation = duckdb.sql(f"select * from read_parquet('{file}')")
assert [dict(zip(relation.columns, row)) for row in relation.fetchall()] == lines
# Statistics must leave out no row.
for line in lines:
    for column in ["source", "file", "record", "state", "stage", "reason", "times_used"]:
        found = duckdb.execute(f"select count(*) from read_parquet('{file}') where {column} = $1", [line[column]]).fetchone()[0]
        assert found == sum(other[column] == line[column] for other in lines), (column, line[column])
made_with = {"pyarrow": pyarrow.__version__, "pandas": pandas.__version__, "duckdb": duckdb.__version__}
text = json.dumps({"made_with": made_with, "lines": lines}, ensure_ascii=False, separators=(",", ":"))
(here / "lines.json").write_text(text.replace("},{", "},\n{") + "\n", encoding="utf8")
