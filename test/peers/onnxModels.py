"""Checks exported ONNX models with the programs of ONNX itself.

For each MODEL.onnx in a folder: onnx.checker with full shape inference, and, where there is a MODEL.safetensors beside it
with the tensors `input` and `output`, ONNX Runtime's output for that input. Prints the largest difference of each, and
exits with 1 if a model is refused or a difference is above the tolerance, measured against the largest output.

    python3 -m venv V && V/bin/pip install numpy onnx onnxruntime
    npx tsx --conditions=simdnet-source test/peers/onnx.ts FOLDER
    V/bin/python test/peers/onnxModels.py FOLDER
"""

import argparse
import json
import struct
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    """The float32 tensors of a file: 8 bytes for the length of the header, the header as JSON, and the data."""
    content = path.read_bytes()
    (header_bytes,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + header_bytes])
    data = content[8 + header_bytes :]
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        tensors[name] = np.frombuffer(data[begin:end], dtype="<f4").reshape(entry["shape"])
    return tensors


def difference(model: Path, tensors: dict[str, np.ndarray]) -> float:
    """The largest difference of ONNX Runtime's output, as a share of the largest output that is expected."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {session.get_inputs()[0].name: tensors["input"]})
    expected = tensors["output"]
    if found.shape != expected.shape:
        raise ValueError(f"the output is {list(found.shape)}, but {list(expected.shape)} was expected")
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def check(model: Path, tolerance: float) -> str | None:
    """What is wrong with a model; None if nothing is. Prints a line about it."""
    try:
        onnx.checker.check_model(onnx.load(model), full_check=True)
        beside = model.with_suffix(".safetensors")
        if not beside.exists():
            print(f"{model.stem:50} well-formed")
            return None
        largest = difference(model, read_safetensors(beside))
    except Exception as error:  # Whatever is raised is about this model.
        print(f"{model.stem:50} {error}")
        return str(error)
    print(f"{model.stem:50} {largest:.1e}")
    return None if largest <= tolerance else f"a difference of {largest:.1e}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Checks exported ONNX models.")
    parser.add_argument("folder", type=Path, help="the folder with MODEL.onnx and MODEL.safetensors")
    parser.add_argument("--tolerance", type=float, default=1e-5, help="how large a difference may be (default: 1e-5)")
    arguments = parser.parse_args()
    models = sorted(arguments.folder.glob("*.onnx"))
    if not models:
        parser.error(f"there is no .onnx file in {arguments.folder}")
    wrong = [model.name for model in models if check(model, arguments.tolerance)]
    print(f"{len(models) - len(wrong)} of {len(models)} models are as expected")
    if wrong:
        sys.exit(f"wrong: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
