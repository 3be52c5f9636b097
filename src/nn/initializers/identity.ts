import { OptionError } from '../../errors.ts';
import { above, finite } from '../numberOptions.ts';
import { fillSymmetric } from './draws.ts';
import { onlyKnown, type InitializerConfig, type InitializerDefinition } from './initializer.ts';

export interface IdentityConfig extends InitializerConfig {
  readonly name: 'identity';
  readonly gain: number;
  /** Left out if 0. */
  readonly othersScale?: number;
}

/**
 * The identity matrix times gain, 1 by default. Unlike Keras', it fills convolution kernels [kh, kw, in, out] too: each of
 * the first min(in, out) filters passes its channel through at the tap that lies on the pixel itself when the padding is
 * 'same' (Dirac), and the other filters are 0; or, with othersScale, uniform with the variance othersScale / fanIn.
 * @throws OptionError
 */
export function identity(options: { gain?: number; othersScale?: number } = {}): IdentityConfig {
  onlyKnown('identity', options, ['gain', 'othersScale']);
  const { gain = 1, othersScale = 0 } = options;
  return {
    name: 'identity',
    gain: finite('identity', 'gain', gain),
    ...(othersScale !== 0 && { othersScale: above('identity', 'othersScale', othersScale, 0) }),
  };
}

export const identityDefinition: InitializerDefinition<IdentityConfig> = {
  name: 'identity',
  configure: identity,
  fill({ gain, othersScale = 0 }, values, shape, { fanIn }, random) {
    if (shape.length !== 2 && shape.length !== 4) {
      throw new OptionError(
        `identity fills [in, out] and [kh, kw, in, out], not [${shape.join(', ')}]; take another initializer.`,
      );
    }
    const [inputs, outputs] = shape.slice(-2) as [number, number];
    const [height, width] = shape.length === 4 ? (shape as readonly [number, number]) : [1, 1];
    const centre = Math.floor((height - 1) / 2) * width + Math.floor((width - 1) / 2);
    if (othersScale > 0) fillSymmetric(values, Math.sqrt((3 * othersScale) / fanIn), random);
    else values.fill(0);
    const passing = Math.min(inputs, outputs);
    for (let row = 0; row < values.length; row += outputs) values.fill(0, row, row + passing);
    for (let i = 0; i < passing; i++) values[(centre * inputs + i) * outputs + i] = gain;
  },
};
