"""FAMILY/: config.json and model.safetensors as transformers writes them, batch.json (documents, loss) and answers.safetensors (logits of
all tokens, documents one behind the other; gradient of every parameter)."""

import copy

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config

from common import HERE, IGNORED, padded, random_model, save_model, versions, write_json

SIZES = {"vocab_size": 64, "hidden_size": 32, "intermediate_size": 48, "num_attention_heads": 4, "num_key_value_heads": 2}
WINDOW = 6


def rope(**more):
    return {"rope_type": "default", "rope_theta": 10_000.0, **more}


# original_max_position_embeddings 64 puts the four frequencies of a head of 8 on all three branches of the scaling.
LLAMA3 = rope(
    rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64
)
CONFIGS = {
    "llama": LlamaConfig(**SIZES, num_hidden_layers=2, rope_parameters=LLAMA3, tie_word_embeddings=False, rms_norm_eps=1e-5),
    "mistral": MistralConfig(**SIZES, num_hidden_layers=2, rope_parameters=rope(), sliding_window=WINDOW, rms_norm_eps=1e-5),
    "qwen2": Qwen2Config(**SIZES, num_hidden_layers=2, rope_parameters=rope(rope_theta=1e6), tie_word_embeddings=True),
    "qwen3": Qwen3Config(
        **SIZES,
        num_hidden_layers=3,
        head_dim=12,
        rope_parameters=rope(rope_theta=1e6),
        tie_word_embeddings=False,
        use_sliding_window=True,
        sliding_window=WINDOW,
        max_window_layers=1,
    ),
}


def some_documents(vocabulary):
    """Supervised from a third on, with a gap in the middle as in a conversation of two turns."""
    generator = torch.Generator().manual_seed(7)
    documents = []
    for length in (40, 23, 9):
        ids = torch.randint(vocabulary, (length,), generator=generator).tolist()
        silent = [i < length // 3 or length // 2 <= i < length // 2 + 2 for i in range(length)]
        documents.append({"ids": ids, "labels": [IGNORED if quiet else token for quiet, token in zip(silent, ids)]})
    return documents


def logits_one_by_one(model, documents):
    with torch.no_grad():
        return torch.cat([model(input_ids=torch.tensor([document["ids"]])).logits[0] for document in documents])


def make():
    for seed, (family, config) in enumerate(CONFIGS.items()):
        model = random_model(config, seed + 1)
        documents = some_documents(config.vocab_size)
        ids, mask, labels = padded(documents)
        output = model(input_ids=ids, attention_mask=mask, labels=labels)
        output.loss.backward()
        logits = output.logits[mask.bool()]
        # The padded batch is what Sluice's documents one behind the other must equal, and so must documents one by one.
        torch.testing.assert_close(logits.detach(), logits_one_by_one(model, documents), atol=2e-5, rtol=0)
        if "sliding_attention" in (getattr(config, "layer_types", None) or ["sliding_attention"] * (family == "mistral")):
            assert_windowed(model, config, documents, logits)
        save_model(model, family)
        gradients = {name: parameter.grad.contiguous() for name, parameter in model.named_parameters()}
        save_file({"logits": logits.detach().contiguous(), **gradients}, HERE / family / "answers.safetensors")
        write_json(
            f"{family}/batch.json",
            {"versions": versions("torch", "transformers", "safetensors"), "loss": output.loss.item(), "documents": documents},
        )
        print(f"{family}: loss {output.loss.item():.4f}, logits up to {logits.abs().max().item():.2f}")


def assert_windowed(model, config, documents, logits):
    """The window changes logits behind its length and none before."""
    wide = copy.deepcopy(config)
    wide.sliding_window = 4096
    other = random_model(wide, 0)
    other.load_state_dict(model.state_dict())
    apart = (logits_one_by_one(other, documents) - logits).abs().amax(1)[: len(documents[0]["ids"])]
    assert apart[:WINDOW].max() < 1e-5 and apart[WINDOW:].min() > 1e-4, apart
