/** jax-js on its WebAssembly backend: the tutorial's network, compiled with `jit`, in its own layouts. */
import { enableRelaxedSimd } from '#platform';
import type { numpy } from '@jax-js/jax';
import { hwcToChwRows, hwioToOihw } from '../../src/exchange/kernels.ts';
import type { Tensor } from '../../src/nn/parameters.ts';
import { batch as batchOf, batchCount } from '../imageSet.ts';
import { network, weights } from '../tutorialCase.ts';
import { toPlanarFloats } from './layouts.ts';
import { inTurn, type Peer, type PeerOptions } from './peer.ts';

type Jax = typeof import('@jax-js/jax');
type Values = numpy.Array[];

const ADAM = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

export async function jaxJs({ batch }: PeerOptions): Promise<Peer> {
  enableRelaxedSimd();
  const jax = await import('@jax-js/jax');
  const { numpy: np, jit, nn, valueAndGrad } = jax;
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  const classes = network.layers.at(-1)!.outputShape[0]!;
  const [height, width, channels] = network.inputShape;
  const inputs = Array.from({ length: batchCount(batch) }, (_, index) => {
    const { images, labels } = batchOf(index, batch);
    const oneHot = new Float32Array(batch * classes);
    labels.forEach((label, i) => (oneHot[i * classes + label] = 1));
    return {
      images: np
        .array(toPlanarFloats(images, height * width, channels))
        .reshape([batch, channels, height, width]),
      labels: np.array(oneHot).reshape([batch, classes]),
    };
  });

  const predict = jit((p: Values, x: numpy.Array) => nn.softmax(logits(jax, p, x), -1));
  const meanLoss = (p: Values, x: numpy.Array, y: numpy.Array): numpy.Array =>
    np.mean(np.sum(nn.logSoftmax(logits(jax, p, x), -1).mul(y), 1)).mul(-1);
  const step = jit((p: Values, m: Values, v: Values, rate: numpy.Array, x: numpy.Array, y: numpy.Array) => {
    const [value, gradients] = valueAndGrad(meanLoss)(refs(p), x, y);
    return { value, ...adam(jax, { p, m, v }, gradients, rate) };
  });

  let state = { p: parameters(jax), m: zeros(jax), v: zeros(jax) };
  let steps = 0;
  const next = inTurn(inputs);
  return {
    predict: async (count) => {
      const results: Float32Array[] = [];
      for (const { images } of inputs.slice(0, count)) {
        results.push((await predict(refs(state.p), images.ref).data()) as Float32Array);
      }
      return results;
    },
    train: async (count) => {
      const losses: number[] = [];
      for (const { images, labels } of next(count)) {
        steps++;
        const rate = (ADAM.learningRate * Math.sqrt(1 - ADAM.beta2 ** steps)) / (1 - ADAM.beta1 ** steps);
        const { value, ...after } = step(state.p, state.m, state.v, np.array(rate), images.ref, labels.ref);
        state = after;
        const [loss] = (await value.data()) as Float32Array;
        losses.push(loss!);
        await jax.blockUntilReady(state.p);
      }
      return losses;
    },
    close: () => Promise.resolve(),
  };
}

/** [batch, channels, height, width] to [batch, classes], from the specs of the network. */
function logits({ numpy: np, lax, nn }: Jax, p: Values, x: numpy.Array): numpy.Array {
  let at = 0;
  return network.specs.reduce((h, spec) => {
    const [count, channels, height, width] = h.shape as [number, number, number, number];
    const activate = (z: numpy.Array): numpy.Array =>
      'activation' in spec && spec.activation === 'relu' ? nn.relu(z) : z;
    if (spec.type === 'conv2d') {
      const [kernel, bias] = [p[at++]!, p[at++]!];
      const padding = spec.padding === 'same' ? 'SAME' : 'VALID';
      const z = lax.convGeneralDilated(h, kernel, [...spec.strides], padding);
      return activate(z.add(bias.reshape([1, spec.filters, 1, 1])));
    }
    if (spec.type === 'maxPooling2d') {
      const [y, x2] = spec.poolSize;
      return np.max(h.reshape([count, channels, height / y, y, width / x2, x2]), [3, 5]);
    }
    if (spec.type === 'flatten') return h.reshape([count, channels * height * width]);
    const [kernel, bias] = [p[at++]!, p[at++]!];
    return activate(np.dot(h, kernel).add(bias));
  }, x);
}

interface AdamState {
  readonly p: Values;
  readonly m: Values;
  readonly v: Values;
}

function adam({ numpy: np }: Jax, { p, m, v }: AdamState, gradients: Values, rate: numpy.Array): AdamState {
  const { beta1, beta2, epsilon } = ADAM;
  const nextM = m.map((each, i) => each.mul(beta1).add(gradients[i]!.ref.mul(1 - beta1)));
  const nextV = v.map((each, i) => each.mul(beta2).add(np.square(gradients[i]!).mul(1 - beta2)));
  const nextP = p.map((each, i) =>
    each.sub(rate.ref.mul(nextM[i]!.ref).div(np.sqrt(nextV[i]!.ref).add(epsilon))),
  );
  rate.dispose();
  return { p: nextP, m: nextM, v: nextV };
}

function parameters({ numpy: np }: Jax): Values {
  let flattened: readonly number[] | undefined;
  return network.layers.flatMap((layer) => {
    if (layer.type === 'flatten') flattened = layer.inputShapes[0];
    return layer.weights.map(({ name }) => {
      let tensor: Tensor = weights.get(`${layer.name}/${name}`)!;
      if (name === 'kernel' && layer.type === 'conv2d') tensor = hwioToOihw(tensor);
      if (name === 'kernel' && layer.type === 'dense' && flattened) {
        tensor = hwcToChwRows(tensor, flattened);
        flattened = undefined;
      }
      return np.array(Float32Array.from(tensor.data)).reshape([...tensor.shape]);
    });
  });
}

function zeros({ numpy: np }: Jax): Values {
  return parameters({ numpy: np } as Jax).map((each) => each.mul(0));
}

/** The same arrays once more, as its functions dispose of what they are given. */
function refs(values: Values): Values {
  return values.map((each) => each.ref);
}
