"""Makes apportion.json: largest-remainder (Hamilton) counts in exact rational arithmetic, ties to the earlier weight.
Run: python apportion.py > apportion.json
"""
import json
import platform
from fractions import Fraction


def hamilton(total, weights):
    exact = [Fraction(str(w)) for w in weights]
    shares = [total * w / sum(exact) for w in exact]
    counts = [int(s) for s in shares]
    order = sorted(range(len(shares)), key=lambda i: (counts[i] - shares[i], i))
    for i in order[: total - sum(counts)]:
        counts[i] += 1
    return counts


cases = [
    (300, [0.25, 0.75]),
    (50000, [0.35, 0.30, 0.20, 0.15]),
    (10, [1, 1, 1]),
    (11, [1, 1, 1]),
    (5, [0.1, 0.2, 0.7]),
    (100, [0.07, 0.57, 0.36]),
    (1, [0.3, 0.3, 0.4]),
    (7, [0.29, 0.58, 0.13]),
    (1000, [1e-7, 0.5, 0.4999999]),
    (99999, [0.1] * 10),
    (20, [3.5, 0, 1.5, 2.5]),
    (10, [1.45, 3.4, 0.15, 5]),
    (12345, [123, 45.6, 0.789]),
]
made = [{"total": t, "weights": w, "counts": hamilton(t, w)} for t, w in cases]
print(json.dumps({"made_by": "apportion.py", "python": platform.python_version(), "cases": made}, indent=1))
