"""Networks of simdnet in PyTorch or Keras, for `npm run bench -- networks --python`.

    networks.py torch|keras THREADS

Reads requests from standard input, one JSON object a line, and answers each with one:
  {"ask": "open", "layers": [...], "inputShape": [h, w, c], "classes": n, "batch": n}   ->  {"parameters": n}
  {"ask": "run", "kind": "training" | "inference", "batches": n}                       ->  {"seconds": s}
or, if it cannot, {"failure": "why"}. Layers are simdnet's specs, each with the names of its inputs. Images are random, weights
fresh; training is SGD on the cross-entropy of class indices. PyTorch also takes "momentum", which is then Nesterov's, and
"labelSmoothing", and answers a run with the "layout" that it found to be faster.
"""
import json
import sys

FRAMEWORKS = {"torch": "torchNetworks", "keras": "kerasNetworks"}


def main():
    framework, threads = sys.argv[1], int(sys.argv[2])
    out = sys.stdout
    sys.stdout = sys.stderr  # What frameworks print must not come between the answers.

    def answer(reply):
        out.write(json.dumps(reply) + "\n")
        out.flush()

    try:
        module = __import__(FRAMEWORKS[framework])
        answer({"name": module.start(threads)})
    except Exception as error:  # Whatever it is, it is the reason why this cannot be measured.
        answer({"failure": str(error).split("\n")[0]})
        return
    network = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["ask"] == "open":
                network = None  # Its memory first.
                network = module.Network(request)
                answer({"parameters": network.parameters})
            else:
                seconds = network.run(request["kind"], request["batches"])
                answer({"seconds": seconds, "layout": getattr(network, "layout", None)})
        except Exception as error:
            answer({"failure": f"{type(error).__name__}: {error}".split("\n")[0]})


main()
