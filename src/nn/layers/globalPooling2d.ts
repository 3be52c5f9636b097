/** What global poolings have in common: their one option, and the shape that it decides. */
import type { Shape } from '../shape.ts';
import type { Spec } from './definition.ts';
import { mustBeImages } from './inputs.ts';
import { common, flag, type LayerOptions } from './options.ts';

export interface GlobalPooling2dOptions extends LayerOptions {
  /** Whether the output is [1, 1, channels] instead of [channels]; false by default. */
  keepdims?: boolean;
}

/** The spec of a global pooling of this type. @throws OptionError for an option out of range */
export function parseGlobalPooling<Type extends Spec['type']>(type: Type, given: object) {
  return {
    type,
    ...common(type, given, ['keepdims']),
    keepdims: flag(type, 'keepdims', (given as GlobalPooling2dOptions).keepdims ?? false),
  };
}

/** One value a channel. @throws OptionError if the input is no image */
export function globalPoolingShape(type: string, name: string, input: Shape, keepdims: boolean): Shape {
  mustBeImages(type, name, input);
  const channels = input[2]!;
  return keepdims ? [1, 1, channels] : [channels];
}
