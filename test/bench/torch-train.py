"""Tokens per second of PyTorch in training: transformers' LlamaForCausalLM with sdpa attention; forward, backward, clipping and an AdamW
step, fused as the Trainer has it. The measure for Sluice's trainer on the same machine.

    python torch-train.py --model micro|tiny|30m [--threads 2] [--steps 10] [--warmup 3]
    python torch-train.py --config JSON --sequences 4 --length 1024 --device cuda --bf16

Weights are float32; with --bf16 the forward pass runs under autocast, as the Trainer's bf16 does. Prints JSON: seconds of the median step,
tokens per second from it, and GFLOP/s of the device's fastest square product in that precision. Every token is supervised; rows are full,
so nothing is padded."""

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


def fastest_product(torch, device, dtype, finish):
    """GFLOP/s of a product of random square matrices; the fastest of some rounds and sizes."""
    fastest = 0.0
    for size in (4096, 8192) if device == "cuda" else (512, 1024):
        left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
        for _ in range(5):
            finish()
            start = time.perf_counter()
            for _ in range(5):
                left @ right
            finish()
            fastest = max(fastest, 5 * 2 * size**3 / (time.perf_counter() - start) / 1e9)
    return fastest


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=MODELS, default="tiny")
    parser.add_argument("--config", type=json.loads, help="of a LlamaConfig, instead of --model")
    parser.add_argument("--sequences", type=int, default=4)
    parser.add_argument("--length", type=int, default=1024)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--bf16", action="store_true")
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
    chosen = {"config": given.config, "sequences": given.sequences, "length": given.length} if given.config else MODELS[given.model]
    settings = {"tie_word_embeddings": False, **chosen["config"], "max_position_embeddings": chosen["length"], "use_cache": False}
    config = LlamaConfig(**settings)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32, attn_implementation="sdpa").train().to(given.device)
    finish = torch.cuda.synchronize if given.device == "cuda" else lambda: None
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, fused=True)
    shape = (chosen["sequences"], chosen["length"])

    def step():
        ids = torch.randint(config.vocab_size, shape, device=given.device)
        finish()
        start = time.perf_counter()
        with torch.autocast(given.device, torch.bfloat16, enabled=given.bf16):
            loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        finish()
        return time.perf_counter() - start, loss.item()

    for _ in range(given.warmup):
        step()
    timed = [step() for _ in range(given.steps)]
    seconds = statistics.median(each for each, _ in timed)
    tokens = shape[0] * shape[1]
    result = {
        "model": "given" if given.config else given.model,
        "device": torch.cuda.get_device_name() if given.device == "cuda" else "cpu",
        "bf16": given.bf16,
        "product_gflops": fastest_product(torch, given.device, torch.bfloat16 if given.bf16 else torch.float32, finish),
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
