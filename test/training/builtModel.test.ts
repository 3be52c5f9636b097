/** Whose fault it is that a model cannot be built: that of the options, or that of what was read. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError, OptionError } from '../../src/errors.ts';
import { kerasConfigOf } from '../../src/exchange/keras/config.ts';
import { importModel } from '../../src/exchange/importModel.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.ts';
import { fromKerasConfig, modelFromJSON } from '../../src/training/factories.ts';
import type { Model } from '../../src/training/model.ts';
import { decodeModel, encodeModel } from '../../src/training/modelFile.ts';
import type { SequentialOptions } from '../../src/training/options.ts';
import { smallModel } from './smallModel.ts';

const keras = readFileSync(new URL('../fixtures/exchange/sequential.keras', import.meta.url));

const READERS: Readonly<Record<string, (options: SequentialOptions) => Model | Promise<Model>>> = {
  decodeModel: (options) => decodeModel(encodeModel(smallModel()), 'a.safetensors', options),
  modelFromJSON: (options) => modelFromJSON(smallModel().toJSON(), options),
  fromKerasConfig: (options) => fromKerasConfig(kerasConfigOf(smallModel().network), options),
  importModel: (options) => importModel(keras, options),
};

const thrownBy = (build: () => unknown): Promise<unknown> =>
  Promise.resolve()
    .then(build)
    .then(
      () => 'nothing',
      (error: unknown) => error,
    );

describe.each(Object.keys(READERS))('%s', (name) => {
  it.each<[object, string]>([
    [{ threads: -1 }, 'threads must be a whole number of at least 1, not -1.'],
    [{ tier: 'x' }, 'The tier must be auto, simd, relaxed or turbo, not x.'],
    [{ convolution: 'x' }, 'The convolution must be auto, im2col or winograd, not x.'],
    [{ seed: 0.5 }, 'The seed must be a whole number, not 0.5.'],
    [{ layout: 'x' }, 'The layout must be nhwc or nchw, not x.'],
    [{ imageFit: 'x' }, 'The imageFit must be stretch, crop or fit, not x.'],
    [{ pixelScale: 2 }, 'pixelScale must be 1 or 255, not 2.'],
    [{ thread: 1 }, 'A model has no option "thread". Did you mean "threads"?'],
  ])('says of %j that it is wrong, and nothing of what it reads', async (options, message) => {
    const error = await thrownBy(() => READERS[name]!(options));
    expect(error).toBeInstanceOf(OptionError);
    expect((error as Error).message).toBe(message);
  });

  it('says of the names that it is given that they are too few', async () => {
    const error = await thrownBy(() => READERS[name]!({ classNames: ['a'] }));
    expect(error).toBeInstanceOf(OptionError);
    expect((error as Error).message).toMatch(/^There are 1 class names, but the network has \d+ outputs\.$/);
  });
});

describe('a file', () => {
  function withNames(names: readonly string[]): Uint8Array {
    const { tensors, metadata } = decodeSafetensors(encodeModel(smallModel()), 'a');
    return encodeSafetensors(tensors, { ...metadata, 'simdnet.class_names': JSON.stringify(names) });
  }

  it('of too few names is refused, unless others are given', () => {
    const read = (options: SequentialOptions = {}): Model =>
      decodeModel(withNames(['a']), 'a.safetensors', options);
    expect(read).toThrow(
      new FormatError(
        'a.safetensors: its model cannot be built. There are 1 class names, but the network has 3 outputs.',
      ),
    );
    expect(read).toThrow(FormatError);
    expect(read({ classNames: ['a', 'b', 'c'] }).classNames).toEqual(['a', 'b', 'c']);
  });

  it('counts where an option is left open', () => {
    const options = { classNames: undefined, pixelScale: undefined, layout: undefined };
    expect(decodeModel(withNames(['a', 'b', 'c']), 'a', options).classNames).toEqual(['a', 'b', 'c']);
    const json = { ...smallModel().toJSON(), pixelScale: 255, layout: 'nchw' };
    const { layout, network } = modelFromJSON(json, options);
    expect([layout, network.pixelScale]).toEqual(['nchw', 255]);
  });

  it('whose layers do not fit each other is refused, whatever is given', async () => {
    const json = { layers: [{ type: 'dense', units: 2, inputShape: [2, 2, 1], inputs: ['b'] }] };
    const error = await thrownBy(() => modelFromJSON(json, { threads: 1 }));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain("The model's JSON cannot be built.");
  });
});
