"""Makes the known answers for the trainer: what transformers, PEFT, bitsandbytes and plain torch compute on tiny random models.

    pip install torch transformers peft bitsandbytes safetensors numpy
    python make.py [answers] [nf4] [runs]

answers  answers.py: logits, loss and gradients of four model families
nf4      nf4.py: 4-bit weights as bitsandbytes makes them
runs     runs.py: training runs of 50 steps, and a LoRA adapter as PEFT saves it

Everything is seeded, in float32 on the CPU with one thread. Versions are inside the fixtures.
"""

import sys

import torch

import answers
import nf4
import runs

if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    parts = {"answers": answers.make, "nf4": nf4.make, "runs": runs.make}
    for name in sys.argv[1:] or parts:
        parts[name]()
