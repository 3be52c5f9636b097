import { describe, expect, it } from 'vitest';
import { FormatError, OptionError } from '../../src/errors.ts';
import { l1, l1l2, l2, regularizerOfKeras, regularizerOption } from '../../src/nn/regularizers.ts';

describe('regularizers', () => {
  it('have the defaults of Keras', () => {
    expect(l1()).toEqual({ name: 'l1', l1: 0.01, l2: 0 });
    expect(l2()).toEqual({ name: 'l2', l1: 0, l2: 0.01 });
    expect(l1l2()).toEqual({ name: 'l1l2', l1: 0, l2: 0 });
  });

  it('take a factor alone, or by name', () => {
    expect(l1(0.5)).toEqual({ name: 'l1', l1: 0.5, l2: 0 });
    expect(l2({ l2: 0.5 })).toEqual(l2(0.5));
    expect(l1l2({ l2: 0.5 })).toEqual({ name: 'l1l2', l1: 0, l2: 0.5 });
  });
});

describe('regularizerOption', () => {
  it('takes names, settings and nothing', () => {
    expect(regularizerOption('l2')).toEqual(l2());
    expect(regularizerOption('L1L2')).toEqual(l1l2());
    expect(regularizerOption('l1_l2')).toEqual(l1l2());
    expect(regularizerOption({ name: 'l1', l1: 0.3 })).toEqual(l1(0.3));
    expect(regularizerOption(null)).toBe(null);
    expect(regularizerOption(undefined)).toBe(null);
  });

  it('gives back complete settings that have been in a file', () => {
    for (const config of [l1(2), l2(), l1l2(), l1l2({ l1: 1, l2: 2 })]) {
      expect(regularizerOption(JSON.parse(JSON.stringify(config)))).toEqual(config);
    }
  });

  it.each([
    ['l3', 'There is no regularizer "l3"; did you mean "l1"?'],
    ['dropout', 'There is no regularizer "dropout"; there are l1, l2, l1l2.'],
    [0.01, 'A regularizer must be a name or an object with one, not 0.01.'],
    [{ name: 'l1', l2: 0.1 }, /^l1 has no option "l2"\./],
    [{ name: 'l1l2', l3: 0.1 }, /^l1l2 has no option "l3"\./],
    [{ name: 'l2', l2: -1 }, 'l2: l2 must be a number of at least 0, not -1.'],
  ])('refuses %j', (value, message) => {
    expect(() => regularizerOption(value)).toThrow(message);
    expect(() => regularizerOption(value)).toThrow(OptionError);
  });
});

describe('regularizerOfKeras', () => {
  const keras = (className: string, config: object): unknown => {
    return { module: 'keras.regularizers', class_name: className, config, registered_name: null };
  };
  it.each([
    [keras('L1', { l1: 0.5 }), l1(0.5)],
    [keras('L2', { l2: 0.01 }), l2(0.01)],
    [keras('L1L2', { l1: 0.001, l2: 0.01 }), l1l2({ l1: 0.001, l2: 0.01 })],
    ['l2', l2()],
    [null, null],
  ])('reads %j', (json, expected) => {
    expect(regularizerOfKeras(json)).toEqual(expected);
  });

  it('refuses others', () => {
    const json = keras('OrthogonalRegularizer', { factor: 0.01, mode: 'rows' });
    expect(() => regularizerOfKeras(json)).toThrow(
      'Keras\' regularizer OrthogonalRegularizer: There is no regularizer "OrthogonalRegularizer"; there are l1, l2, l1l2.',
    );
    expect(() => regularizerOfKeras(json)).toThrow(FormatError);
  });
});
