"""Tokens per second of PyTorch in training: transformers' LlamaForCausalLM in float32 with sdpa attention; forward, backward, clipping and
an AdamW step, fused as the Trainer has it. The measure for Sluice's trainer on the same machine.

    python torch-train.py --model micro|tiny|30m [--threads 2] [--steps 10] [--warmup 3]

Prints JSON: seconds of the median step, and tokens per second from it. Every token is supervised; rows are full, so nothing is padded."""

import argparse
import json
import os
import platform
import statistics
import time
from importlib.metadata import version

MODELS = {
    "micro": {
        "config": {
            "hidden_size": 64,
            "intermediate_size": 176,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "vocab_size": 1024,
        },
        "sequences": 8,
        "length": 64,
    },
    "tiny": {
        "config": {
            "hidden_size": 128,
            "intermediate_size": 384,
            "num_hidden_layers": 4,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "vocab_size": 2048,
        },
        "sequences": 16,
        "length": 128,
    },
    "30m": {
        "config": {
            "hidden_size": 512,
            "intermediate_size": 1408,
            "num_hidden_layers": 8,
            "num_attention_heads": 8,
            "num_key_value_heads": 4,
            "vocab_size": 8192,
        },
        "sequences": 4,
        "length": 256,
    },
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=MODELS, default="tiny")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--warmup", type=int, default=3)
    given = parser.parse_args()
    # Before torch is loaded: OpenMP reads it once.
    os.environ["OMP_NUM_THREADS"] = str(given.threads)
    import torch
    from transformers import AutoModelForCausalLM, LlamaConfig

    torch.set_num_threads(given.threads)
    torch.manual_seed(0)
    chosen = MODELS[given.model]
    config = LlamaConfig(**chosen["config"], max_position_embeddings=chosen["length"], tie_word_embeddings=False, use_cache=False)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32, attn_implementation="sdpa").train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, fused=True)
    shape = (chosen["sequences"], chosen["length"])

    def step():
        ids = torch.randint(config.vocab_size, shape)
        start = time.perf_counter()
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        return time.perf_counter() - start, loss.item()

    for _ in range(given.warmup):
        step()
    timed = [step() for _ in range(given.steps)]
    seconds = statistics.median(each for each, _ in timed)
    tokens = shape[0] * shape[1]
    result = {
        "model": given.model,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "sequences": shape[0],
        "length": shape[1],
        "threads": torch.get_num_threads(),
        "steps": given.steps,
        "seconds_per_step": seconds,
        "fastest_step": min(each for each, _ in timed),
        "tokens_per_second": tokens / seconds,
        "last_loss": timed[-1][1],
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in ("torch", "transformers")}},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
