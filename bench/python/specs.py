"""What both frameworks need to know of specs."""


def margins(size, kernel, stride, dilation, padding):
    """Zeros in front and behind along one side, as `same` and `valid` place them."""
    if padding == "valid":
        return 0, 0
    total = max((-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


def without_softmax(layers):
    """The layers with logits at the end, and whether there was a softmax."""
    last = layers[-1]
    if last["type"] == "softmax":
        return layers[:-1] + [{**last, "type": "activation", "activation": "linear"}], True
    if last.get("activation") != "softmax":
        return layers, False
    return layers[:-1] + [{**last, "activation": "linear"}], True
