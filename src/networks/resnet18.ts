/** ResNet-18 (He et al. 2016): eight blocks of two 3×3 convolutions, each with a way around it. */
import { reLU } from '../nn/layers/activation.ts';
import { batchNormalization } from '../nn/layers/batchNormalization.ts';
import { conv2d } from '../nn/layers/conv2d.ts';
import { dense } from '../nn/layers/dense.ts';
import { globalAveragePooling2d } from '../nn/layers/globalAveragePooling2d.ts';
import { maxPooling2d } from '../nn/layers/maxPooling2d.ts';
import { add } from '../nn/layers/merge.ts';
import { input, type SymbolicTensor } from '../nn/symbolic.ts';
import { droppingFrom, layersOf, through, type NetworkPreset } from './preset.ts';

const STAGES = [64, 128, 256, 512];
const BLOCKS = 2;

/** Images up to this side keep their size at the front: the form that is used for CIFAR-10. */
const SMALL = 64;

export const resnet18: NetworkPreset = {
  name: 'resnet18',
  description: 'ResNet-18: eight residual blocks with batch normalisation, 11 million parameters',
  inputShape: [32, 32, 3],
  classes: 10,
  build: ({ inputShape, classes, dropout }) => {
    const images = input({ shape: inputShape });
    let tensor = stem(images, inputShape);
    let channels = STAGES[0]!;
    for (const [stage, filters] of STAGES.entries()) {
      for (let number = 0; number < BLOCKS; number++) {
        const strides = stage > 0 && number === 0 ? 2 : 1;
        const projects = strides > 1 || channels !== filters;
        tensor = block(tensor, `stage${stage + 1}_block${number + 1}`, filters, strides, projects);
        channels = filters;
      }
    }
    tensor = droppingFrom(globalAveragePooling2d({ name: 'pool' }).apply(tensor), dropout);
    return layersOf(
      images,
      dense({ name: 'predictions', units: classes, activation: 'softmax' }).apply(tensor),
    );
  },
};

function stem(images: SymbolicTensor, [height, width]: readonly number[]): SymbolicTensor {
  const small = Math.max(height!, width!) <= SMALL;
  const first = normalized(images, 'stem', STAGES[0]!, small ? 3 : 7, small ? 1 : 2);
  const tensor = reLU({ name: 'stem_relu' }).apply(first);
  return small
    ? tensor
    : maxPooling2d({ name: 'stem_pool', poolSize: 3, strides: 2, padding: 'same' }).apply(tensor);
}

/** @param projects  whether the way around needs a convolution to arrive at the same shape */
function block(
  from: SymbolicTensor,
  name: string,
  filters: number,
  strides: number,
  projects: boolean,
): SymbolicTensor {
  const first = reLU({ name: `${name}_1_relu` }).apply(normalized(from, `${name}_1`, filters, 3, strides));
  const second = normalized(first, `${name}_2`, filters, 3, 1);
  const around = projects ? normalized(from, `${name}_0`, filters, 1, strides) : from;
  return through(add({ name: `${name}_add` }).apply([second, around]), reLU({ name: `${name}_relu` }));
}

/** A convolution without bias, which the normalisation behind it would take away again. */
function normalized(
  from: SymbolicTensor,
  name: string,
  filters: number,
  kernelSize: number,
  strides: number,
): SymbolicTensor {
  return through(
    from,
    conv2d({
      name: `${name}_conv`,
      filters,
      kernelSize,
      strides,
      padding: 'same',
      useBias: false,
      kernelInitializer: 'heNormal',
    }),
    batchNormalization({ name: `${name}_bn`, momentum: 0.9, epsilon: 1e-5 }),
  );
}
