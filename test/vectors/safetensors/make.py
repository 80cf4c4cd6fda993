# Safetensors files as the reference library writes them, and the values they hold in expected.json; how huggingface_hub cuts shards.
# Usage: python make.py (versions are in expected.json)
import json
import pathlib
from importlib.metadata import version

import ml_dtypes
import numpy as np
from huggingface_hub.serialization import split_state_dict_into_shards_factory
from safetensors.numpy import save_file

here = pathlib.Path(__file__).parent
generator = np.random.default_rng(7)
# Zeros, subnormals, the largest numbers, infinities, NaN.
special = [0.0, -0.0, 1.0, -2.5, 6e-8, -5.9604645e-08, 6.1e-05, 65504.0, -65504.0, np.inf, -np.inf, np.nan]
f32 = np.array(special + [1e-45, 3.4028235e38, np.pi], np.float32)
mixed = {
    "model.embed.weight": f32,
    "norm": generator.standard_normal((3, 5)).astype(np.float32),
    "half": np.array(special, np.float16).reshape(3, 4),
    "brain": np.array(special, np.float32).astype(ml_dtypes.bfloat16).reshape(2, 2, 3),
    "double": np.array([1 / 3, -1e300, 2.0**-150, 0.1], np.float64),
    "scalar": np.array(4.5, np.float32),
    "empty": np.zeros((0, 7), np.float32),
    "codes": np.arange(9, dtype=np.uint8),
    "counts": np.array([[0, 1], [2**32 - 1, 7]], np.uint32),
    "long": np.array([-1, 2**40], np.int64),
    "mask": np.array([True, False, True]),
    'näme "quoted"\n\u0001': np.array([1.0], np.float32),
}
save_file(mixed, here / "mixed.safetensors", metadata={"format": "pt"})
# What this project writes: the same kinds, so that the bytes can be compared.
written = {name: mixed[name] for name in mixed if name not in ("double", "long", "mask")}
save_file(written, here / "written.safetensors", metadata={"format": "pt"})

# Rounding: random bits, and codes of 16 bits with what lies just below, at and above the middle between two of them.
bits = generator.integers(0, 2**32, 1000, dtype=np.uint64).astype(np.uint32)
codes = generator.integers(0, 2**16, 300, dtype=np.uint64).astype(np.uint16)
halves = codes.view(np.float16).astype(np.float32).view(np.uint32)
brains = codes.astype(np.uint32) << 16
near = [halves + np.uint32(k) for k in (0, 0xFFF, 0x1000, 0x1001)] + [brains + np.uint32(k) for k in (0, 0x7FFF, 0x8000, 0x8001)]
tiny = (generator.random(300) * 2.0**-13).astype(np.float32).view(np.uint32)
values = np.concatenate([bits, *near, tiny]).view(np.float32)
values = values[~np.isnan(values)]
with np.errstate(over="ignore"):
    save_file(
        {"values": values, "f16": values.astype(np.float16), "bf16": values.astype(ml_dtypes.bfloat16)},
        here / "rounding.safetensors",
    )


def floats(array):
    with np.errstate(over="ignore"):
        return [int(bits) for bits in array.astype(np.float32).reshape(-1).view(np.uint32)]


sizes = [300, 500, 200, 2000, 100, 900, 1]
split = split_state_dict_into_shards_factory(
    {f"layer.{i}": np.zeros(size, np.uint8) for i, size in enumerate(sizes)},
    get_storage_size=lambda array: array.nbytes,
    filename_pattern="model{suffix}.safetensors",
    max_shard_size=1000,
)
expected = {
    "versions": {name: version(name) for name in ("safetensors", "numpy", "ml_dtypes", "huggingface_hub")},
    "tensors": [
        {"name": name, "shape": list(array.shape), "f32_bits": floats(array) if array.dtype.kind in "fV" else None}
        for name, array in mixed.items()
    ],
    "shards": {"sizes": sizes, "max_bytes": 1000, "files": split.filename_to_tensors, "weight_map": split.tensor_to_filename},
}
(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
