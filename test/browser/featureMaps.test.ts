/** What is looked at inside a network, whatever its graph. */
import { describe, expect, it } from 'vitest';
import { featureMaps, layersToShow, partUpTo } from '../../src/browser/trainer/featureMaps.ts';
import { networkPreset, NETWORKS } from '../../src/networks/registry.ts';
import { buildNetwork } from '../../src/nn/network.ts';
import { batchNormalization } from '../../src/nn/layers/batchNormalization.ts';
import { reLU } from '../../src/nn/layers/activation.ts';
import { rescaling } from '../../src/nn/layers/rescaling.ts';
import type { FeatureMap } from '../../src/browser/protocol.ts';
import type { PixelScale } from '../../src/nn/pixelScale.ts';
import { add } from '../../src/nn/layers/merge.ts';
import { conv2d, dense, flatten } from '../../src/nn/spec.ts';
import { input } from '../../src/nn/symbolic.ts';
import { model, sequential } from '../../src/training/factories.ts';

const options = { inputShape: [32, 32, 3], classes: 10 } as const;

describe('what is looked at', () => {
  it.each(NETWORKS.map(({ name }) => name))('of %s: images, and not too many of them', (name) => {
    const network = buildNetwork(networkPreset(name, options));
    const shown = layersToShow(network);
    expect(shown.length).toBeLessThanOrEqual(16);
    expect(new Set(shown).size).toBe(shown.length);
    expect(shown.every((i) => network.layers[i]!.outputShape.length === 3)).toBe(true);
    for (const i of shown) {
      const part = buildNetwork(partUpTo(network, i));
      expect(part.layers.at(-1)!.name).toBe(network.layers[i]!.name);
      expect(part.outputShape).toEqual(network.layers[i]!.outputShape);
    }
  });

  it('is every layer of the tutorial’s network that gives images', () => {
    expect(layersToShow(buildNetwork(networkPreset('tutorial', options)))).toEqual([0, 1, 2, 3, 4]);
  });

  it('is computed through branches, and without those that lead elsewhere', async () => {
    const images = input({ shape: [6, 5, 3] });
    const left = conv2d({ name: 'left', filters: 4, kernelSize: 3, padding: 'same' }).apply(images);
    const right = batchNormalization({ name: 'right' }).apply(
      conv2d({ name: 'other', filters: 4, kernelSize: 1 }).apply(images),
    );
    const sum = add({ name: 'sum' }).apply([left, right]);
    const outputs = dense({ units: 2, activation: 'softmax' }).apply(flatten().apply(sum));
    const whole = model({ inputs: images, outputs });
    expect(partUpTo(whole.network, 2).map(({ name }) => name)).toEqual(['other', 'right']);
    const maps = await featureMaps(
      whole,
      new Uint8Array(6 * 5 * 3).map((_, i) => (i * 37) % 256),
    );
    expect(maps.map(({ layer, channels }) => [layer, channels])).toEqual([
      ['left', 4],
      ['other', 4],
      ['right', 4],
      ['sum', 4],
    ]);
    expect(maps.every(({ pixels }) => Math.max(...pixels) === 255)).toBe(true);
    await whole.dispose();
  });

  it('takes bytes as the whole network does', async () => {
    // Of numbers up to 1, a ReLU leaves nothing.
    const layers = [
      rescaling({ name: 'scaled', scale: 1, offset: -100, inputShape: [2, 2, 1] }),
      reLU({ name: 'bright' }),
      flatten(),
      dense({ units: 2 }),
    ];
    const images = Uint8Array.of(0, 90, 150, 202);
    const shown = [1, 255].map(async (scale) => {
      const whole = sequential(layers, { threads: 1, pixelScale: scale as PixelScale });
      const [, { pixels }] = (await featureMaps(whole, images)) as [unknown, FeatureMap];
      await whole.dispose();
      return [...pixels];
    });
    expect(await Promise.all(shown)).toEqual([
      [0, 0, 0, 0],
      [0, 0, 125, 255],
    ]);
  });
});
