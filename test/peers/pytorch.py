"""Compares networks that simdnet exported with what PyTorch makes of them.

    python pytorch.py FOLDER

FOLDER has, of each network, NAME.py and NAME.safetensors as `exportPyTorch` writes them, and
NAME.case.safetensors with the tensors `input` [batch, channels, height, width] and `output`: what
simdnet predicts. The weights are loaded strictly; the largest difference of each network is printed,
and the exit code is 1 if one is above the tolerance.
"""

import argparse
import importlib.util
import json
import math
import pathlib
import sys

import torch

TYPES = {"F32": torch.float32, "I64": torch.int64}


def load_file(path):
    """The tensors of a safetensors file, as safetensors.torch.load_file gives them."""
    data = bytearray(path.read_bytes())
    begin = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:begin]).items():
        if name == "__metadata__":
            continue
        flat = torch.frombuffer(
            data,
            dtype=TYPES[entry["dtype"]],
            count=math.prod(entry["shape"]),
            offset=begin + entry["data_offsets"][0],
        )
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors


def network_class(path):
    """The class Network of a Python file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Network


def largest_difference(source):
    """Of the outputs of one network, PyTorch's less simdnet's; and the largest output."""
    network = network_class(source)()
    network.load_state_dict(load_file(source.with_suffix(".safetensors")))
    network.eval()
    case = load_file(source.with_suffix(".case.safetensors"))
    with torch.no_grad():
        output = network(case["input"])
    if output.shape != case["output"].shape:
        raise SystemExit(f"{source.stem}: {tuple(output.shape)}, not {tuple(case['output'].shape)}")
    expected = case["output"]
    return (output - expected).abs().max().item(), expected.abs().max().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="with NAME.py and what belongs to it")
    parser.add_argument("--tolerance", type=float, default=1e-5, help="largest difference allowed")
    options = parser.parse_args()
    sources = sorted(options.folder.glob("*.py"))
    differences = {source.stem: largest_difference(source) for source in sources}
    for name, (difference, largest) in differences.items():
        print(f"{name:28} {difference:.1e}  of at most {largest:.1e}")
    worst = max((difference for difference, _ in differences.values()), default=math.inf)
    return 0 if worst <= options.tolerance else 1


if __name__ == "__main__":
    sys.exit(main())
