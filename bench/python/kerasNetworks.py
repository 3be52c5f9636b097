"""Networks in Keras, on whichever backend it is set to."""
import re
import time

import numpy as np


def start(threads):
    global keras
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        version = tf.__version__
    elif backend == "torch":
        import torch

        torch.set_num_threads(threads)
        version = torch.__version__.split("+")[0]
    else:
        version = ""
    return f"Keras {keras.__version__} on {backend} {version}".strip()


CLASSES = {
    "conv2d": "Conv2D",
    "depthwiseConv2d": "DepthwiseConv2D",
    "dense": "Dense",
    "maxPooling2d": "MaxPooling2D",
    "averagePooling2d": "AveragePooling2D",
    "globalAveragePooling2d": "GlobalAveragePooling2D",
    "batchNormalization": "BatchNormalization",
    "activation": "Activation",
    "reLU": "ReLU",
    "leakyReLU": "LeakyReLU",
    "add": "Add",
    "subtract": "Subtract",
    "concatenate": "Concatenate",
    "flatten": "Flatten",
    "dropout": "Dropout",
    "zeroPadding2d": "ZeroPadding2D",
    "rescaling": "Rescaling",
    "softmax": "Softmax",
}

# What is no option of a layer there, and settings of initial weights, which do not matter here.
LEFT_OUT = re.compile("^(type|inputs|inputShape|.*Initializer|.*Regularizer)$")


def snake_case(name):
    return re.sub("[A-Z]", lambda letter: "_" + letter.group().lower(), name)


def build(layers, shape):
    images = keras.Input(shape)
    values = {"images": images}
    for spec in layers:
        options = {snake_case(key): value for key, value in spec.items() if not LEFT_OUT.match(key)}
        layer = getattr(keras.layers, CLASSES[spec["type"]])(**options)
        inputs = [values[name] for name in spec["inputs"]]
        values[spec["name"]] = layer(inputs[0] if len(inputs) == 1 else inputs)
    return keras.Model(images, values[layers[-1]["name"]])


class Network:
    def __init__(self, request):
        keras.utils.clear_session()
        keras.utils.set_random_seed(0)
        self.model = build(request["layers"], request["inputShape"])
        self.parameters = self.model.count_params()
        self.batch = request["batch"]
        self.classes = request["classes"]
        self.shape = request["inputShape"]
        self.images = np.empty((0, *self.shape), np.float32)
        self.model.compile("sgd", "sparse_categorical_crossentropy")

    def run(self, kind, batches):
        count = batches * self.batch
        if len(self.images) < count:
            self.images = np.random.rand(count, *self.shape).astype(np.float32)
            self.labels = np.random.randint(0, self.classes, count)
        images, labels = self.images[:count], self.labels[:count]
        begin = time.perf_counter()
        if kind == "training":
            self.model.fit(images, labels, batch_size=self.batch, epochs=1, shuffle=False, verbose=0)
        else:
            self.model.predict(images, batch_size=self.batch, verbose=0)
        return time.perf_counter() - begin
