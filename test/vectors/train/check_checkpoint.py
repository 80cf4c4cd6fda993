"""Loads a checkpoint with transformers, or an adapter with PEFT, and prints the logits it gives as JSON. By hand, for what Sluice wrote:

    python check_checkpoint.py DIR --ids 1,5,9 [--base DIR-OF-THE-BASE-MODEL]

Ends with 1 where weights are missing, left over, of another shape, or (adapters) not those of the file. logits[tokens, vocabulary]."""

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM
from transformers.utils import logging

logging.disable_progress_bar()


def load_model(folder):
    model, info = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    wrong = {key: sorted(map(str, value)) for key, value in info.items() if value and key.endswith("_keys")}
    if wrong:
        sys.exit(f"{folder}: {json.dumps(wrong)}")
    return model


def load_adapter(folder, base):
    from peft import PeftModel, get_peft_model_state_dict
    from safetensors.torch import load_file

    model = PeftModel.from_pretrained(load_model(base), folder)
    written = load_file(Path(folder) / "adapter_model.safetensors")
    loaded = get_peft_model_state_dict(model)
    if set(written) != set(loaded):
        sys.exit(f"{folder}: keys apart: {sorted(set(written) ^ set(loaded))}")
    apart = [name for name in written if not torch.equal(written[name].float(), loaded[name].float())]
    if apart:
        sys.exit(f"{folder}: values apart: {apart}")
    return model


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--base", help="the model an adapter belongs to; by default the one it names")
    parser.add_argument("--ids", required=True, help="token ids with commas")
    given = parser.parse_args()
    adapter = Path(given.folder) / "adapter_config.json"
    if adapter.exists():
        base = given.base or json.loads(adapter.read_text())["base_model_name_or_path"]
        model = load_adapter(given.folder, base)
    else:
        model = load_model(given.folder)
    ids = torch.tensor([[int(token) for token in given.ids.split(",")]])
    with torch.no_grad():
        logits = model.eval()(input_ids=ids).logits[0]
    versions = {name: version(name) for name in ("torch", "transformers", "peft")}
    print(json.dumps({"versions": versions, "class": type(model).__name__, "ids": ids[0].tolist(), "logits": logits.tolist()}))
