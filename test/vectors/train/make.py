"""Makes the known answers for the trainer: what transformers and bitsandbytes compute on tiny random models.

    pip install torch transformers peft bitsandbytes safetensors numpy
    python make.py [answers] [nf4]

answers  answers.py: logits, loss and gradients of four model families
nf4      nf4.py: 4-bit weights as bitsandbytes makes them

Everything is seeded, in float32 on the CPU with one thread. Versions are inside the fixtures.
"""

import sys

import torch

import answers
import nf4

if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    parts = {"answers": answers.make, "nf4": nf4.make}
    for name in sys.argv[1:] or parts:
        parts[name]()
