"""loss-scale.json: how torch.amp.GradScaler moves its scale over runs of steps with finite gradients and without."""

import torch

from common import versions, write_json

runs = [(False, 2), (True, 1999), (False, 1), (True, 2000), (True, 4001), (False, 3), (True, 1), (True, 1998), (True, 1), (False, 40)]

weight = torch.nn.Parameter(torch.zeros(1))
optimizer = torch.optim.SGD([weight], lr=0.0)
scaler = torch.amp.GradScaler("cpu")
found = []
for finite, steps in runs:
    for _ in range(steps):
        weight.grad = torch.tensor([1.0 if finite else float("inf")])
        scaler.scale(torch.zeros(1))
        scaler.step(optimizer)
        scaler.update()
    found.append({"finite": finite, "steps": steps, "scale": scaler.get_scale(), "good_steps": scaler.state_dict()["_growth_tracker"]})

write_json("loss-scale.json", {"versions": versions("torch"), "runs": found})
