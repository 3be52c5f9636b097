/** The softmax as a layer of its own. */
import { OptionError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import { activationNamed } from '../activations/registry.ts';
import { activationOperation } from '../operations/activation.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { common, type LayerOptions } from './options.ts';

export interface SoftmaxOptions extends LayerOptions {
  /** -1, the last, which is the only one that there is. */
  axis?: -1;
}

export interface SoftmaxData extends Spec {
  readonly type: typeof TYPE;
}

const TYPE = 'softmax';

/** Probabilities, from logits along the last axis. @throws OptionError for another axis */
export function softmax(options: SoftmaxOptions = {}): SoftmaxData & Applicable {
  return applicable(softmaxDefinition.parse(options), softmaxDefinition);
}

export const softmaxDefinition: LayerDefinition<SoftmaxData> = {
  type: TYPE,
  inputs: 'one',
  parse: (given) => {
    mustBeLast(TYPE, (given as { readonly axis?: unknown }).axis);
    return { type: TYPE, ...common(TYPE, given, ['axis']) };
  },
  build: (_, { name, inputShapes: [input] }) => ({
    outputShape: input!,
    operations: () => [activationOperation(name, activationNamed('softmax'), input!)],
  }),
  describe: () => 'probabilities',
};

/** @throws OptionError for an axis that is given and not the last */
export function mustBeLast(type: string, axis: unknown): void {
  if (axis === undefined || axis === -1) return;
  throw new OptionError(`${type}: axis ${quoted(axis)} is not supported, only -1, the last.`);
}
