import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { conv2d, dense, flatten, maxPooling2d, parseLayerSpec, type LayerSpec } from '../../src/nn/spec.ts';

/** What a model's file has of a layer. */
const data = (spec: LayerSpec): unknown => JSON.parse(JSON.stringify(spec));

describe('the factories', () => {
  it('fill in the defaults of Keras', () => {
    expect(data(conv2d({ filters: 8, kernelSize: 3 }))).toEqual({
      type: 'conv2d',
      filters: 8,
      kernelSize: [3, 3],
      strides: [1, 1],
      padding: 'valid',
      activation: 'linear',
    });
    expect(data(maxPooling2d())).toEqual({
      type: 'maxPooling2d',
      poolSize: [2, 2],
      strides: [2, 2],
      padding: 'valid',
    });
    expect(maxPooling2d({ poolSize: [3, 2] })).toMatchObject({ poolSize: [3, 2], strides: [3, 2] });
    expect(data(flatten())).toEqual({ type: 'flatten' });
    expect(data(dense({ units: 4 }))).toEqual({ type: 'dense', units: 4, activation: 'linear' });
  });

  it('take all options', () => {
    expect(
      data(
        conv2d({
          filters: 1,
          kernelSize: [5, 1],
          strides: [2, 3],
          padding: 'same',
          activation: 'relu',
          name: 'stem',
          inputShape: [32, 32, 3],
        }),
      ),
    ).toEqual({
      type: 'conv2d',
      filters: 1,
      kernelSize: [5, 1],
      strides: [2, 3],
      padding: 'same',
      activation: 'relu',
      name: 'stem',
      inputShape: [32, 32, 3],
    });
    expect(maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' })).toMatchObject({
      poolSize: [3, 3],
      strides: [2, 2],
      padding: 'same',
    });
    expect(dense({ units: 10, activation: 'softmax', name: 'head' })).toMatchObject({
      activation: 'softmax',
      name: 'head',
    });
  });
});

/** Options as they come from JSON, which nobody has checked. */
const parse = (options: Record<string, unknown>) => () => parseLayerSpec(options);
const conv = (options: object) => parse({ type: 'conv2d', filters: 8, kernelSize: 3, ...options });

describe('parseLayerSpec', () => {
  it('reads back what the factories make', () => {
    for (const spec of [
      conv2d({ filters: 8, kernelSize: [3, 5], strides: 2, padding: 'same', inputShape: [8, 9, 3] }),
      maxPooling2d({ poolSize: [3, 1], strides: 2, name: 'pool.1-a' }),
      flatten({ name: 'f' }),
      dense({ units: 3, activation: 'relu' }),
    ]) {
      expect(parseLayerSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
    }
  });

  it.each([
    ['a number', 7],
    ['null', null],
    ['text', 'conv2d'],
    ['no type', { units: 3 }],
  ])('rejects %s', (_, value) => {
    expect(() => parseLayerSpec(value)).toThrow(OptionError);
    expect(() => parseLayerSpec(value)).toThrow(
      'A layer is an object with a type: conv2d, maxPooling2d, flatten,',
    );
  });

  it.each([
    [parse({ type: 'conv3d' }), 'There is no layer of type "conv3d"; did you mean "conv2d"?'],
    [conv({ stride: 2 }), 'conv2d has no option "stride". Did you mean "strides"?'],
    [conv({ filters: 0 }), 'conv2d: filters must be a whole number of at least 1, not 0.'],
    [conv({ filters: 2.5 }), 'conv2d: filters must be a whole number of at least 1, not 2.5.'],
    [conv({ filters: '8' }), 'conv2d: filters must be a whole number of at least 1, not "8".'],
    [conv({ filters: undefined }), 'conv2d: filters must be a whole number of at least 1, not undefined.'],
    [conv({ kernelSize: [3] }), 'conv2d: kernelSize must be a number or two, not [3].'],
    [conv({ kernelSize: [3, 3, 3] }), 'conv2d: kernelSize must be a number or two, not [3,3,3].'],
    [conv({ kernelSize: [3, -1] }), 'conv2d: kernelSize must be a whole number of at least 1, not -1.'],
    [conv({ strides: 0 }), 'conv2d: strides must be a whole number of at least 1, not 0.'],
    [
      conv({ padding: 'full' }),
      'conv2d: padding must be valid, same, a number, two, or [[top, bottom], [left, right]], not "full".',
    ],
    [conv({ activation: 'tanb' }), 'conv2d: there is no activation "tanb": did you mean "tanh"?'],
    [conv({ inputShape: 32 }), 'conv2d: inputShape must be [height, width, channels].'],
    [conv({ inputShape: [32, 0, 3] }), 'conv2d: inputShape must be a whole number of at least 1, not 0.'],
    [conv({ name: 'a/b' }), 'conv2d: name must be letters, digits, "_", "." and "-", not "a/b".'],
    [conv({ name: '' }), 'conv2d: name must be letters, digits, "_", "." and "-", not "".'],
    [conv({ name: 5 }), 'conv2d: name must be letters, digits, "_", "." and "-", not 5.'],
    [
      parse({ type: 'maxPooling2d', poolSize: 0 }),
      'maxPooling2d: poolSize must be a whole number of at least 1, not 0.',
    ],
    [
      parse({ type: 'maxPooling2d', strides: [1, 0] }),
      'maxPooling2d: strides must be a whole number of at least 1, not 0.',
    ],
    [
      parse({ type: 'maxPooling2d', padding: 'SAME' }),
      'maxPooling2d: padding must be valid, same, a number, two, or [[top, bottom], [left, right]], not "SAME".',
    ],
    [
      parse({ type: 'flatten', name: '-x' }),
      'flatten: name must be letters, digits, "_", "." and "-", not "-x".',
    ],
    [parse({ type: 'dense', units: -1 }), 'dense: units must be a whole number of at least 1, not -1.'],
    [
      parse({ type: 'dense', units: 3, activation: 'sofmax' }),
      'dense: there is no activation "sofmax": did you mean "softmax"?',
    ],
  ])('says what is wrong: %s → %s', (attempt, message) => {
    expect(attempt).toThrow(OptionError);
    expect(attempt).toThrow(message);
  });
});
