import { OptionError } from '../../errors.ts';
import { finite } from '../numberOptions.ts';
import { onlyKnown, type InitializerConfig, type InitializerDefinition } from './initializer.ts';

export interface IdentityConfig extends InitializerConfig {
  readonly name: 'identity';
  readonly gain: number;
}

/**
 * The identity matrix times gain, 1 by default. Unlike Keras', it fills convolution kernels [kh, kw, in, out] too: each of
 * the first min(in, out) filters passes its channel through at the tap that lies on the pixel itself when the padding is
 * 'same' (Dirac), and the other filters are 0.
 * @throws OptionError
 */
export function identity(options: { gain?: number } = {}): IdentityConfig {
  onlyKnown('identity', options, ['gain']);
  const { gain = 1 } = options;
  return { name: 'identity', gain: finite('identity', 'gain', gain) };
}

export const identityDefinition: InitializerDefinition<IdentityConfig> = {
  name: 'identity',
  configure: identity,
  fill({ gain }, values, shape) {
    if (shape.length !== 2 && shape.length !== 4) {
      throw new OptionError(
        `identity fills [in, out] and [kh, kw, in, out], not [${shape.join(', ')}]; take another initializer.`,
      );
    }
    const [inputs, outputs] = shape.slice(-2) as [number, number];
    const [height, width] = shape.length === 4 ? (shape as readonly [number, number]) : [1, 1];
    const centre = Math.floor((height - 1) / 2) * width + Math.floor((width - 1) / 2);
    values.fill(0);
    for (let i = 0; i < Math.min(inputs, outputs); i++) {
      values[(centre * inputs + i) * outputs + i] = gain;
    }
  },
};
