"""nf4.safetensors and nf4.json: weights in 4 bits with double quantisation, as bitsandbytes makes them on the CPU.

Two things are not the same in all of bitsandbytes, and are held to what its CUDA kernels do:
- 8-bit codes of the scales. The CUDA kernel and the portable way (plain torch) take the nearest entry of the codebook; the CPU library
  looks it up in a table of 65,536 steps and errs to a neighbour near a tie. `scale_codes` are the portable ones, `scale_codes_cpu` the
  library's, which is what quantize_4bit gives on a CPU.
- Where all scales of a block are equal, CUDA and library write code 0 and range 0, the portable way 127 and 1e-38. The value is the same.
All else is what quantize_4bit gives. The offset is a mean that torch sums in an order of the machine's: good to an ulp or so."""

import bitsandbytes.functional as bnb
import torch
from safetensors.torch import save_file

from common import HERE, versions, write_json


def cases():
    generator = torch.Generator().manual_seed(5)

    def normal(length):
        return torch.randn(length, generator=generator)

    # Blocks of very different size, as scales that the second quantisation must spread over its codebook.
    uneven = (normal(64 * 80).view(80, 64) * torch.exp(2 * normal(80)).unsqueeze(1)).reshape(-1)
    some_zero = normal(64 * 6)
    some_zero[64:128] = 0
    some_zero[320:] = 0
    return {
        "normal": 0.05 * normal(64 * 258 + 38),
        "uneven": uneven,
        "one_block": normal(64),
        "short": normal(10),
        # Whole blocks: for a shorter rest of zeros the portable way writes scale 1e-38.
        "zeros": torch.zeros(256),
        "some_blocks_zero": some_zero,
        "large": 1e30 * normal(64 * 10) ** 3,
        "equal_scales": torch.tensor([1.0, -1.0, 0.5, 0.0]).repeat(64 * 4),
        # Halfway between two of the 16 values, and the floats beside.
        "borders": borders(),
    }


def borders():
    values = bnb.get_4bit_type("nf4", device="cpu")
    middles = (values[:-1] + values[1:]) / 2
    up, down = torch.tensor(2.0), torch.tensor(-2.0)
    return torch.cat([torch.ones(1), middles, torch.nextafter(middles, up), torch.nextafter(middles, down), torch.zeros(18)])


def nearest_codes(values, codebook, ranges):
    operation = torch.ops.bitsandbytes.quantize_blockwise.default
    codes, _ = operation._op_dk(torch._C.DispatchKey.CompositeExplicitAutograd, values, codebook, 256)
    codes[ranges.repeat_interleave(256)[: len(codes)] == 0] = 0
    return codes


def make():
    tensors, offsets = {}, {}
    for name, values in cases().items():
        codes, state = bnb.quantize_4bit(values, blocksize=64, compress_statistics=True, quant_type="nf4")
        scales = bnb.quantize_4bit(values, blocksize=64, quant_type="nf4")[1].absmax
        codebook, ranges = state.state2.code, state.state2.absmax
        library = state.absmax
        scale_codes = state.absmax = nearest_codes(scales - state.offset, codebook, ranges)
        tensors[f"{name}.values"] = values
        tensors[f"{name}.codes"] = codes.flatten()
        tensors[f"{name}.scale_codes"] = scale_codes
        tensors[f"{name}.scale_codes_cpu"] = library
        tensors[f"{name}.scale_ranges"] = ranges
        tensors[f"{name}.dequantised"] = bnb.dequantize_4bit(codes, state)
        offsets[name] = state.offset.item()
        apart = (library.int() - scale_codes.int()).abs()
        print(f"{name}: {values.numel()} values, library differs in {(apart > 0).sum()} of {apart.numel()} scale codes")
    tensors["codebook"] = codebook
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, HERE / "nf4.safetensors")
    write_json("nf4.json", {"versions": versions("torch", "bitsandbytes", "safetensors"), "offsets": offsets})
