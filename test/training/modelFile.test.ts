import { describe, expect, it } from 'vitest';
import { FormatError, OptionError } from '../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '../../src/formats/safetensors.ts';
import { sequential } from '../../src/training/factories.ts';
import { decodeModel, encodeModel } from '../../src/training/modelFile.ts';
import { tutorialNetwork } from '../../src/networks/tutorial.ts';
import { smallModel } from './smallModel.ts';

const model = smallModel({ seed: 3, classNames: ['red', 'green', 'blue'], imageFit: 'crop' });
const bytes = encodeModel(model);

/** The small model's file with something changed. */
function altered(
  change: (tensors: Map<string, SafeTensor>, metadata: Record<string, string>) => void,
): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes, 'small');
  change(tensors, metadata);
  return encodeSafetensors(tensors, metadata);
}

describe('a model file', () => {
  it('gives back the network, the weights, the class names and the fit of pictures', () => {
    const read = decodeModel(bytes, 'small');
    expect(read.network.specs).toEqual(model.network.specs);
    expect([...read.getWeights()]).toEqual([...model.getWeights()]);
    expect(read.classNames).toEqual(['red', 'green', 'blue']);
    expect(read.imageFit).toBe('crop');
    expect(decodeModel(bytes, 'small', { imageFit: 'fit' }).imageFit).toBe('fit');
  });

  it('says nothing of a fit where none was given', () => {
    const file = encodeModel(smallModel({ seed: 3, classNames: ['red', 'green', 'blue'] }));
    expect(Object.keys(decodeSafetensors(file, 'small').metadata)).toEqual([
      'simdnet.model',
      'simdnet.class_names',
    ]);
    expect(decodeModel(file, 'small').imageFit).toBeUndefined();
  });

  it('has the same bytes every time, and names its tensors as Keras does', () => {
    expect(encodeModel(decodeModel(bytes, 'small'))).toEqual(bytes);
    expect([...decodeSafetensors(bytes, 'small').tensors.keys()]).toEqual([
      'conv2d/kernel',
      'conv2d/bias',
      'dense/kernel',
      'dense/bias',
    ]);
  });

  it('is taken for the tutorial’s network if it has the tensors but no metadata', () => {
    const tutorial = sequential(tutorialNetwork(), { seed: 5 });
    const { tensors } = decodeSafetensors(encodeModel(tutorial), 'tutorial');
    const read = decodeModel(encodeSafetensors(tensors), 'bare');
    expect([...read.getWeights()]).toEqual([...tutorial.getWeights()]);
    expect(read.classNames).toBeUndefined();
  });

  it.each([
    ['a missing tensor', /no tensor "dense\/bias"/, (t: Map<string, SafeTensor>) => t.delete('dense/bias')],
    [
      'an extra tensor',
      /tensor "extra", for which/,
      (t: Map<string, SafeTensor>) => t.set('extra', { dtype: 'F32', shape: [], data: new Float32Array(1) }),
    ],
    [
      'a wrong shape',
      /"dense\/bias" is \[1, 3\].*needs \[3\]/,
      (t: Map<string, SafeTensor>) =>
        t.set('dense/bias', { dtype: 'F32', shape: [1, 3], data: new Float32Array(3) }),
    ],
    [
      'a value that is no number',
      /"dense\/bias" has NaN at index 1/,
      (t: Map<string, SafeTensor>) =>
        t.set('dense/bias', { dtype: 'F32', shape: [3], data: Float32Array.of(0, NaN, 0) }),
    ],
    [
      'another type of number',
      /"dense\/bias" is F64.*F32/,
      (t: Map<string, SafeTensor>) =>
        t.set('dense/bias', { dtype: 'F64', shape: [3], data: new Float64Array(3) }),
    ],
  ])('with %s is refused', (_, message, change) => {
    const read = (): unknown => decodeModel(altered(change), 'some.safetensors');
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
    expect(read).toThrow(/some\.safetensors/);
  });

  it.each([
    ['not JSON', /simdnet\.model.*not JSON/, '{'],
    ['no layers', /no list of layers/, '{}'],
    ['an unknown layer', /no layer of type "lstm"/, '{"layers":[{"type":"lstm"}]}'],
    ['a layer out of range', /units must be/, '{"layers":[{"type":"dense","units":-1}]}'],
    ['no input shape', /inputShape/, '{"layers":[{"type":"flatten"}]}'],
    ['a layer that is none', /A layer is an object/, '{"layers":[7]}'],
  ])('whose model is %s is refused', (_, message, json) => {
    const read = (): unknown =>
      decodeModel(
        altered((__, metadata) => (metadata['simdnet.model'] = json)),
        'some.safetensors',
      );
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
  });

  it('whose class names are no names is refused', () => {
    const read = (): unknown =>
      decodeModel(
        altered((_, metadata) => (metadata['simdnet.class_names'] = '[1, 2, 3]')),
        'some.safetensors',
      );
    expect(read).toThrow(/class_names/);
  });
});

describe('a fit of pictures that is none', () => {
  it.each(['squash', '', '"crop"'])('is refused: %j', (fit) => {
    const file = altered((_, metadata) => (metadata['simdnet.image_fit'] = fit));
    expect(() => decodeModel(file, 'some.safetensors')).toThrow(
      new FormatError('some.safetensors: simdnet.image_fit in its metadata is none of stretch, crop, fit.'),
    );
  });

  it('cannot be given', () => {
    expect(() => smallModel({ imageFit: 'squash' as 'fit' })).toThrow(
      new OptionError('The imageFit must be stretch, crop or fit, not squash.'),
    );
  });
});

describe('a model file made to do harm', () => {
  /** A file whose metadata have these layers, with the tensors of the small model. */
  const withLayers = (layers: unknown): Uint8Array =>
    altered((_, metadata) => {
      delete metadata['simdnet.class_names'];
      metadata['simdnet.model'] = typeof layers === 'string' ? layers : JSON.stringify({ layers });
    });

  const image = { type: 'flatten', inputShape: [1, 1, 3] };

  it('has its tensors compared with the network before memory for the network is taken', () => {
    const file = withLayers([image, { type: 'dense', units: 2 ** 26 }]);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => decodeModel(file, 'f')).toThrow(
      'f: the tensor "dense/kernel" is [36, 3], but the network needs [3, 67108864].',
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it.each([
    ['1e15 units', [image, { type: 'dense', units: 1e15 }], /"dense", more than the 4 GiB of WebAssembly/],
    [
      'images of 100,000×100,000',
      [{ type: 'conv2d', filters: 1, kernelSize: 1, strides: 100_000, inputShape: [1e5, 1e5, 3] }],
      /30000000000 numbers for "images", more than the 4 GiB/,
    ],
    [
      'a normalization of 2^53 channels',
      [{ type: 'normalization', mean: 0, variance: 1, inputShape: [1, 1, 2 ** 53] }],
      /for "images", more than/,
    ],
    [
      'sizes beyond all numbers',
      [
        { type: 'upSampling2d', size: 1e300, inputShape: [1, 1, 1] },
        { type: 'upSampling2d', size: 1e300 },
        { type: 'cropping2d', cropping: 1 },
      ],
      /"up_sampling2d", more than/,
    ],
    ['10,001 layers', new Array(10_001).fill(image), /has 10001 layers: it must have 1 to 10000/],
    [
      'a layer with 10,001 inputs',
      [image, { type: 'add', inputs: new Array(10_001).fill('flatten') }],
      /inputs must be a list of 1 to 10000 layers' names/,
    ],
    ['text nested 20,000 deep', '['.repeat(20_000), /nested more than 64 deep at character 64/],
    ['a layer nested 20,000 deep', `{"layers":[{"type":${'['.repeat(20_000)}`, /nested more than 64 deep/],
    ['a key twice', '{"layers":[],"layers":[]}', /"layers" twice/],
    ['an option of 10 MB', [{ ...image, ['x'.repeat(10e6)]: 1 }], /flatten has no option/],
  ])('with %s is refused, and what it is said is short', (_, layers, message) => {
    const read = () => decodeModel(withLayers(layers), 'f');
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^f: .{1,1500}$/);
  });

  it('with as many layers as may be is read in a second or two', () => {
    const layers = [image, ...new Array<object>(9_999).fill({ type: 'activation', activation: 'relu' })];
    const file = altered((tensors, metadata) => {
      tensors.clear();
      metadata['simdnet.model'] = JSON.stringify({ layers });
      delete metadata['simdnet.class_names'];
    });
    expect(decodeModel(file, 'f').network.layers).toHaveLength(10_000);
  });
});
