/**
 * What a user can do so that tfjs trains convolutions on its `wasm` backend, which has no kernel for the gradient of a
 * filter: both gradients written as convolutions, which it has a fast kernel for. Stride 1 and `same` only.
 */
import * as tf from '@tensorflow/tfjs-core';

/** Registers the missing kernel, and one for the gradient of the input that is faster than its own. */
export function registerConvolutionGradients(): void {
  tf.registerKernel({
    kernelName: tf.Conv2DBackpropFilter,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as tf.Conv2DBackpropFilterInputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
      const { filterShape } = attrs as unknown as tf.Conv2DBackpropFilterAttrs;
      return tf.tidy(() => filterGradient(x, dy, filterShape[0], filterShape[1]));
    },
  });
  tf.unregisterKernel(tf.Conv2DBackpropInput, 'wasm');
  tf.registerKernel({
    kernelName: tf.Conv2DBackpropInput,
    backendName: 'wasm',
    kernelFunc: ({ inputs }) => {
      const { dy, filter } = inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
      return tf.tidy(() => tf.conv2d(dy, tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]), 1, 'same'));
    },
  });
}

/** With images as channels and channels as images, it is a convolution whose filter is the gradient of the output. */
function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [vertical, horizontal] = [margins(height), margins(width)];
  const padded = tf.pad(x, [[0, 0], vertical, horizontal, [0, 0]]);
  const images = tf.transpose(padded, [3, 1, 2, 0]);
  const filter = tf.transpose(dy, [1, 2, 0, 3]);
  return tf.transpose(tf.conv2d(images, filter, 1, 'valid'), [1, 2, 0, 3]);
}

function margins(kernel: number): [number, number] {
  return [Math.floor((kernel - 1) / 2), Math.ceil((kernel - 1) / 2)];
}
