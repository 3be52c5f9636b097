/** Values multiplied by a number, and another added. */
import { scaling } from '../operations/scaling.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { common, type LayerOptions } from './options.ts';
import { listOf, perChannel, type PerChannel } from './perChannel.ts';

export interface RescalingOptions extends LayerOptions {
  /** What values are multiplied by: a number, or one for each channel. */
  scale: PerChannel;
  /** What is then added; 0 by default. */
  offset?: PerChannel;
}

export interface RescalingData extends Spec {
  readonly type: typeof TYPE;
  readonly scale: PerChannel;
  readonly offset: PerChannel;
}

const TYPE = 'rescaling';

/** input · scale + offset. @throws OptionError for an option out of range */
export function rescaling(options: RescalingOptions = {} as RescalingOptions): RescalingData & Applicable {
  return applicable(rescalingDefinition.parse(options), rescalingDefinition);
}

export const rescalingDefinition: LayerDefinition<RescalingData> = {
  type: TYPE,
  inputs: 'one',
  parse: (given) => ({
    type: TYPE,
    ...common(TYPE, given, ['scale', 'offset']),
    scale: perChannel(TYPE, 'scale', (given as RescalingOptions).scale),
    offset: perChannel(TYPE, 'offset', (given as RescalingOptions).offset ?? 0),
  }),
  build: (spec, { name, inputShapes: [input] }) => {
    const channels = input!.at(-1)!;
    const scale = listOf(name, 'scale', spec.scale, channels);
    const offset = listOf(name, 'offset', spec.offset, channels);
    return {
      outputShape: input!,
      operations: (training) => [scaling(name, input!, scale, offset, training)],
    };
  },
  describe: ({ scale, offset }) => `times ${String(scale)}, plus ${String(offset)}`,
};
