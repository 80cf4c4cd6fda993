"""Tiny random models, documents laid out as padded rows, and the writing of fixtures."""

import json
import platform
from importlib.metadata import version
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

HERE = Path(__file__).parent
IGNORED = -100


def versions(*names):
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def write_json(path, value):
    """One line a top-level key: short, and a change shows where it is."""
    lines = [f"  {json.dumps(key)}: {json.dumps(item)}" for key, item in value.items()]
    (HERE / path).write_text("{\n" + ",\n".join(lines) + "\n}\n")


def random_model(config, seed):
    """Weights large enough that every one of them shows in the logits; norms around 1, biases around 0."""
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32, attn_implementation="eager")
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            spread = 0.4 if parameter.dim() == 1 else parameter.shape[1] ** -0.5
            if "embed" in name and not config.tie_word_embeddings:
                spread = 0.8
            parameter.normal_(0, spread, generator=generator)
            if name.endswith("norm.weight"):
                parameter += 1
    return model.eval()


def save_model(model, folder):
    """config.json and model.safetensors as transformers writes them; no generation_config.json."""
    model.save_pretrained(HERE / folder)
    (HERE / folder / "generation_config.json").unlink(missing_ok=True)


def padded(documents):
    """ids, mask and labels [documents, longest]: padding behind, not seen and not supervised."""
    longest = max(len(document["ids"]) for document in documents)

    def rows(key, filler):
        return torch.tensor([document[key] + [filler] * (longest - len(document[key])) for document in documents])

    mask = torch.tensor([[1] * len(d["ids"]) + [0] * (longest - len(d["ids"])) for d in documents])
    return rows("ids", 0), mask, rows("labels", IGNORED)


def supervised(documents):
    """Tokens that carry loss. A document's first token is never predicted."""
    return sum(label != IGNORED for document in documents for label in document["labels"][1:])
