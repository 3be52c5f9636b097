#!/usr/bin/env python3
"""What the real Keras says of models that come from here, and models of Keras to be read here.

    python test/peers/keras.py check FOLDER   loads NAME.keras, runs NAME.keras.safetensors through it, goes on with its training
    python test/peers/keras.py make FOLDER [NAME …]   writes models of keras.applications as .keras and .h5 with inputs and outputs
    python test/peers/keras.py fixtures FOLDER   writes two of the models in test/fixtures/exchange

`npx tsx --conditions=simdnet-source test/peers/exportKeras.ts FOLDER` writes what `check` reads, and
`… test/peers/importKeras.ts FOLDER` reads what `make` writes. Python needs keras 3 with a backend, numpy and nothing else; no test runs it.

Tensors of NAME.keras.safetensors: `input` and `output`; where there is an optimizer, `optimizer/WEIGHT/VARIABLE` as it is in the file, and
`labels` with `after/WEIGHT` and `optimizer_after/WEIGHT/VARIABLE`, which one more step on `input` makes of it, unless something random
is in the network.
"""
import argparse
import json
import os
import pathlib
import struct
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

# In this file's own folder "keras" would be this file.
sys.path.pop(0)

import keras  # noqa: E402
import numpy as np  # noqa: E402

APPLICATIONS = ["MobileNetV2", "ResNet50V2", "EfficientNetB0", "DenseNet121", "VGG16"]

# Of outputs, relative to the largest.
OUTPUT_TOLERANCE = 1e-5
# Of how far weights and variables move in a step, relative to that. MobileNetV2 has 1e-2, because of batch normalizations of eight values,
# and all others 1e-4 at most; what goes on with another state comes out wrong by about 1.
STEP_TOLERANCE = 3e-2


def read_tensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    body = data[8 + length :]
    types = {"F32": "<f4", "I32": "<i4", "U8": "u1"}
    return {
        name: np.frombuffer(body[slice(*of["data_offsets"])], types[of["dtype"]]).reshape(of["shape"])
        for name, of in header.items()
    }


def write_tensors(path, tensors):
    header, body = {}, b""
    for name, values in tensors.items():
        raw = np.ascontiguousarray(values, "<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def largest(values):
    return float(np.max(np.abs(values))) if values.size else 0.0


def optimizer_tensors(model):
    """Each variable of the optimizer by the names of weight and variable, as they are called here."""
    names = {"average": "average", "gradient_accumulator": "accumulated"}
    by_prefix = {weight.path.replace("/", "_") + "_": weight.path for weight in model.trainable_variables}
    tensors = {}
    for variable in model.optimizer.variables[1:]:
        prefix = max((p for p in by_prefix if variable.name.startswith(p)), key=len, default=None)
        if prefix is None:
            continue
        kind = variable.name[len(prefix) :]
        path = "/".join(by_prefix[prefix].split("/")[-2:])
        tensors[f"{path}/{names.get(kind, kind)}"] = keras.ops.convert_to_numpy(variable)
    return tensors


def weight_tensors(model):
    return {"/".join(weight.path.split("/")[-2:]): keras.ops.convert_to_numpy(weight) for weight in model.weights}


def under(tensors, prefix):
    return {name[len(prefix) :]: values for name, values in tensors.items() if name.startswith(prefix)}


def moved_apart(before, expected, actual):
    """How far two steps from the same place end from each other, relative to the longer one."""
    return float(np.linalg.norm(actual - expected)) / max(
        float(np.linalg.norm(expected - before)), float(np.linalg.norm(actual - before)), 1e-12
    )


def check_step(model, tensors, problems):
    """Whether one more step comes out the same. @returns the worst difference"""
    weights, variables = weight_tensors(model), optimizer_tensors(model)
    model.train_on_batch(tensors["input"], tensors["labels"].reshape(-1))
    worst = 0.0
    stages = [(weights, weight_tensors(model), "after/"), (variables, optimizer_tensors(model), "optimizer_after/")]
    for before, after, prefix in stages:
        expected = under(tensors, prefix)
        scale = max((float(np.linalg.norm(v - before[n])) / v.size**0.5 for n, v in expected.items()), default=0.0)
        for name, values in expected.items():
            # A bias in front of a batch normalization has no gradient but for rounding.
            if np.linalg.norm(values - before[name]) / values.size**0.5 < 1e-4 * scale:
                continue
            apart = moved_apart(before[name], values, after[name])
            worst = max(worst, apart)
            if apart > STEP_TOLERANCE:
                problems.append(f"{prefix}{name} is {apart:.1e} off")
    return worst


def check_model(path):
    tensors = read_tensors(path.with_name(path.name + ".safetensors"))
    model = keras.models.load_model(path)
    problems = []
    output = model.predict(tensors["input"], verbose=0)
    off = largest(output - tensors["output"]) / largest(tensors["output"])
    if not off <= OUTPUT_TOLERANCE:
        problems.append(f"the output is {off:.1e} off")
    report = f"{path.name}: output {off:.1e}"
    kept = under(tensors, "optimizer/")
    if kept:
        found = optimizer_tensors(model)
        problems += [f"optimizer/{name} differs" for name in kept if not np.array_equal(kept[name], found.get(name))]
        report += f", {len(kept)} variables of {model.optimizer.name} after {int(model.optimizer.iterations)} steps"
    if "labels" in tensors:
        report += f", next step {check_step(model, tensors, problems):.1e}"
    print("ok  " if not problems else "BAD ", report)
    for problem in problems[:5]:
        print("     ", problem)
    return not problems


def check(folder):
    paths = sorted(folder.glob("*.keras"))
    if not paths:
        sys.exit(f"There is no .keras file in {folder}.")
    sys.exit(0 if all([check_model(path) for path in paths]) else 1)


def disturbed(model, rng):
    """Statistics and scales as training leaves them, instead of zeros and ones, which would hide mistakes."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            *others, variance = layer.get_weights()
            others = [values + rng.normal(0, 0.1, values.shape) for values in others]
            layer.set_weights([*others, variance * rng.uniform(0.5, 1.5, variance.shape)])


def make(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or APPLICATIONS:
        keras.utils.set_random_seed(1)
        model = getattr(keras.applications, name)(weights=None)
        rng = np.random.default_rng(0)
        disturbed(model, rng)
        # EfficientNet brings what it is given into the range itself.
        top = 255 if name.startswith("EfficientNet") else 1
        images = rng.uniform(0, top, (1, *model.input_shape[1:])).astype(np.float32)
        for extension in ("keras", "h5"):
            path = folder / f"{name}.{extension}"
            model.save(path)
            write_tensors(path.with_name(path.name + ".safetensors"), {"input": images, "output": model.predict(images, verbose=0)})
        print(f"{name}: {len(model.layers)} layers")


def save_pair(folder, name, model, images):
    """As .keras and as .h5, with one file of what it is given and gives."""
    for extension in ("keras", "h5"):
        model.save(folder / f"{name}.{extension}")
    tensors = {"input": images, "output": model.predict(images, verbose=0)}
    write_tensors(folder / f"{name}.keras.safetensors", tensors)


def fixtures(folder):
    """`ops` and `nested` of test/fixtures/exchange: operations beside layers, and models within a model."""
    layers, ops = keras.layers, keras.ops
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(1)
    images = np.random.default_rng(0).uniform(0, 255, (2, 8, 8, 3)).astype(np.float32)

    given = keras.Input((8, 8, 3))
    x = ops.relu(1.0 - (given / 127.5 - 1.0))
    y, z = (layers.Conv2D(4, 3, padding="same")(x) for _ in range(2))
    x = ops.gelu((y + z) * y, approximate=True)
    x = ops.mean(ops.concatenate([x, y], axis=-1), axis=(1, 2))
    x = ops.clip(-ops.reshape(x, (-1, 8)), 0, 6)
    x = ops.leaky_relu(ops.hard_silu(x), negative_slope=0.1)
    x = keras.Sequential([keras.Input((8,)), layers.Dense(3), layers.BatchNormalization()], name="inner")(x)
    save_pair(folder, "ops", keras.Model(given, ops.softmax(x)), images)

    def branch(name):
        start = keras.Input((8, 8, 3))
        inner = layers.Conv2D(4, 3, padding="same", name="c")(start)
        inner = layers.BatchNormalization(name="b")(inner)
        return keras.Model(start, layers.ReLU()(inner), name=name)

    normalization, one, two = layers.Normalization(), branch("one"), branch("two")
    normalization.adapt(images)
    one.trainable = False
    given = keras.Input((8, 8, 3))
    x = normalization(given)
    x = layers.Concatenate()([one(x), two(x)])
    x = layers.Dropout(0.2, noise_shape=(None, 1, 1, 1))(x)
    x = layers.GlobalMaxPooling2D()(layers.SeparableConv2D(5, 3)(x))
    model = keras.Model(given, layers.BatchNormalization()(layers.Dense(3)(x)))
    model.compile(keras.optimizers.RMSprop(1e-3, momentum=0.9), "mse")
    model.fit(images, np.zeros((2, 3)), verbose=0, epochs=3)
    save_pair(folder, "nested", model, images)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="models that were exported")
    checking.add_argument("folder", type=pathlib.Path)
    making = commands.add_parser("make", help="models of keras.applications")
    making.add_argument("folder", type=pathlib.Path)
    making.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(APPLICATIONS)} by default")
    of_tests = commands.add_parser("fixtures", help="two of the models in test/fixtures/exchange")
    of_tests.add_argument("folder", type=pathlib.Path)
    given = parser.parse_args()
    if given.command == "check":
        check(given.folder)
    elif given.command == "make":
        make(given.folder, given.names)
    else:
        fixtures(given.folder)


if __name__ == "__main__":
    main()
