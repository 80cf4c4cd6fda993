# An event file as TensorBoard's own record writer and protobufs make it, and its scalars in scalars.json.
# Usage: python make.py (versions are in scalars.json)
import json
import pathlib
from importlib.metadata import version

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

here = pathlib.Path(__file__).parent
start = 1767225600.25
scalars = [
    {"step": step, "wallTime": start + i / 8, "tag": tag, "value": value}
    for i, (step, tag, value) in enumerate(
        [
            (0, "train/loss", 2.5),
            (1, "train/loss", 0.1),
            (1, "train/learning_rate", 2e-4),
            (127, "train/loss", -0.0),
            (128, "eval/loss", 1e-45),
            (300, "größe", 3.4028235e38),
            (2**31, "train/" + "long" * 60, 0.0),
            (2**40 + 5, "train/loss", 1.5),
        ]
    )
]
with open(here / "scalars.tfevents", "wb") as file:
    writer = RecordWriter(file)
    writer.write(Event(wall_time=start, file_version="brain.Event:2").SerializeToString())
    for each in scalars:
        value = Summary.Value(tag=each["tag"], simple_value=each["value"])
        writer.write(Event(wall_time=each["wallTime"], step=each["step"], summary=Summary(value=[value])).SerializeToString())
versions = {name: version(name) for name in ("tensorboard", "protobuf")}
(here / "scalars.json").write_text(json.dumps({"versions": versions, "start": start, "scalars": scalars}, indent=1) + "\n")
