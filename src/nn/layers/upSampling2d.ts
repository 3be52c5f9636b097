/** Images made larger. */
import { call } from '../../engine/call.ts';
import { OptionError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import type { Operation } from '../operations/operation.ts';
import type { Pair, Shape } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import { place } from '../view.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { mustBeImages } from './inputs.ts';
import { common, pair, type LayerOptions, type Size } from './options.ts';

export interface UpSampling2dOptions extends LayerOptions {
  /** By how much: rows and columns; 2 by default. */
  size?: Size;
  /** 'nearest', the only one that there is. */
  interpolation?: 'nearest';
}

export interface UpSampling2dData extends Spec {
  readonly type: typeof TYPE;
  readonly size: Pair;
  readonly interpolation: 'nearest';
}

const TYPE = 'upSampling2d';

/** Each row and each column several times. @throws OptionError for an option out of range */
export function upSampling2d(options: UpSampling2dOptions = {}): UpSampling2dData & Applicable {
  return applicable(parse(options), upSampling2dDefinition);
}

function parse(given: object): UpSampling2dData {
  const { size = 2, interpolation = 'nearest' } = given as { size?: unknown; interpolation?: unknown };
  const known = common(TYPE, given, ['size', 'interpolation']);
  if (interpolation !== 'nearest') {
    throw new OptionError(
      `${TYPE}: interpolation ${quoted(interpolation)} is not supported, only "nearest".`,
    );
  }
  return { type: TYPE, ...known, size: pair(TYPE, 'size', size), interpolation };
}

export const upSampling2dDefinition: LayerDefinition<UpSampling2dData> = {
  type: TYPE,
  inputs: 'one',
  parse,
  build: ({ size }, { name, inputShapes: [input] }) => {
    mustBeImages(TYPE, name, input!);
    const operation = upSampling(name, size, input!);
    return { outputShape: operation.outputShape, operations: () => [operation] };
  },
  describe: ({ size }) => `each pixel ${size.join('×')} times`,
};

function upSampling(name: string, [factorY, factorX]: Pair, input: Shape): Operation {
  const [height, width, channels] = input as [number, number, number];
  const extent = { height, width, channels, factorY, factorX };
  return {
    name,
    outputShape: [height * factorY, width * factorX, channels],
    plan: ({ input: from, output }) => ({
      prepare: [],
      forward: (count) => [
        call('upSampleForward', `${name} forward`, count * height, {
          ...place('input', from),
          ...place('output', output),
          ...extent,
        }),
      ],
      backward: ({ dOutput, dInput }) => ({
        backward: (count) =>
          dInput
            ? [
                call('upSampleBackward', `${name} dInput`, count * height, {
                  ...place('dOutput', dOutput),
                  ...place('dInput', dInput),
                  ...extent,
                }),
              ]
            : [],
      }),
    }),
  };
}
