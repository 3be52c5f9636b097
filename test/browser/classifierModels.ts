/** Models for pages: one whose answers people can foresee, and one that has a bit of everything. */
import type { Fit } from '../../src/data/fitPicture.ts';
import {
  batchNormalization,
  conv2d,
  dense,
  depthwiseConv2d,
  flatten,
  globalAveragePooling2d,
  maxPooling2d,
  sequential,
} from '../../src/portable.ts';
import type { Model } from '../../src/training/model.ts';

/** Names the colour that there is most of on a picture of 16×16 pixels. */
export function colourModel(classNames: readonly string[] = ['red', 'green', 'blue']): Model {
  const model = sequential(
    [
      globalAveragePooling2d({ inputShape: [16, 16, 3] }),
      dense({ units: classNames.length, activation: 'softmax' }),
    ],
    { classNames },
  );
  const [kernel, bias] = [...model.getWeights().keys()] as [string, string];
  const units = classNames.length;
  const data = Float32Array.from({ length: 3 * units }, (_, i) =>
    i % units === Math.floor(i / units) ? 20 : 0,
  );
  model.setWeights(
    new Map([
      [kernel, { shape: [3, units], data }],
      [bias, { shape: [units], data: new Float32Array(units) }],
    ]),
  );
  return model;
}

/** Untrained: to be compared with itself. */
export function mixedModel(channels: 1 | 3, classes = 12, imageFit?: Fit): Model {
  return sequential(
    [
      conv2d({ filters: 12, kernelSize: 3, activation: 'relu', inputShape: [28, 36, channels] }),
      batchNormalization(),
      depthwiseConv2d({ kernelSize: 3, padding: 'same', activation: 'relu' }),
      maxPooling2d(),
      conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
      flatten(),
      dense({ units: classes, activation: 'softmax' }),
    ],
    { seed: 7, imageFit, classNames: Array.from({ length: classes }, (_, i) => `kind ${i}`) },
  );
}
