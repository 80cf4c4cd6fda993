# Columnar and packed files as pyarrow writes them, and the rows they hold in rows.json.
# Usage: python make.py (pyarrow 24 or near it)
import datetime
import decimal
import json
import pathlib

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.ipc as ipc
import pyarrow.parquet as parquet

here = pathlib.Path(__file__).parent
rows = 6
table = pa.table(
    {
        "instruction": [f"q{i} é" for i in range(rows)],
        "output": ["a" * (i * 9) + f"\n{i}" for i in range(rows)],
        "n": pa.array([2**60 + 1 if i % 2 else i for i in range(rows)], pa.int64()),
        "when": pa.array([datetime.datetime(2020, 1, 1, 12)] * rows, pa.timestamp("us")),
        "day": pa.array([datetime.date(2020, 1, 2)] * rows),
        "price": pa.array([decimal.Decimal("-1.25")] * rows),
        "vector": pa.array([[1.5, 2.0]] * rows, pa.list_(pa.float32())),
        "turns": [[{"role": "user", "content": f"h{i}"}, {"role": "assistant", "content": "\ufeffx"}] for i in range(rows)],
        "nothing": pa.array([None] * rows, pa.string()),
        "class": pa.array(["x", "y", "z"] * (rows // 3)).dictionary_encode(),
        "large": pa.array(["L"] * rows, pa.large_string()),
        "map": pa.array([[("k", 1)]] * rows, pa.map_(pa.string(), pa.int32())),
        "bytes": pa.array([b"\x00\xff"] * rows),
        "ok": pa.array([True, False, None] * (rows // 3)),
    }
)
for codec in ["lz4", "zstd", "uncompressed"]:
    feather.write_feather(table, here / f"{codec}.feather", compression=codec, chunksize=2)
with ipc.new_stream(here / "stream.arrow", table.schema) as writer:
    writer.write_table(table, max_chunksize=2)
for codec in ["snappy", "zstd", "gzip", "brotli", "lz4"]:
    parquet.write_table(table, here / f"{codec}.parquet", compression=codec, row_group_size=2)
parquet.write_table(table, here / "v2.parquet", data_page_version="2.0", row_group_size=2)

expected = []
for i in range(rows):
    expected.append(
        {
            "instruction": f"q{i} é",
            "output": "a" * (i * 9) + f"\n{i}",
            # Beyond 2^53 integers are exact only as text.
            "n": str(2**60 + 1) if i % 2 else i,
            "when": "2020-01-01T12:00:00.000Z",
            "day": "2020-01-02T00:00:00.000Z",
            "price": -1.25,
            "vector": [1.5, 2],
            "turns": [{"role": "user", "content": f"h{i}"}, {"role": "assistant", "content": "\ufeffx"}],
            "nothing": None,
            "class": "xyz"[i % 3],
            "large": "L",
            "map": {"k": 1},
            "bytes": "AP8=",
            "ok": [True, False, None][i % 3],
        }
    )
(here / "rows.json").write_text(json.dumps({"pyarrow": pa.__version__, "rows": expected}, ensure_ascii=False, indent=1) + "\n")

lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in expected).encode()
half = lines.index(b"\n", len(lines) // 2) + 1
for codec, ending in [("zstd", "zst"), ("gzip", "gz")]:
    # Two frames (members) one behind the other, as parallel packers and `cat a.zst b.zst` make them.
    packed = b""
    for part in [lines[:half], lines[half:]]:
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, codec) as stream:
            stream.write(part)
        packed += sink.getvalue().to_pybytes()
    (here / f"rows.jsonl.{ending}").write_bytes(packed)
