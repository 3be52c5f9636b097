import { OptionError } from '../../errors.ts';
import type { Shape } from '../shape.ts';

/** @throws OptionError if the input of a layer is no image */
export function mustBeImages(type: string, name: string, input: Shape): void {
  if (input.length === 3) return;
  throw new OptionError(
    input.length === 1
      ? `Layer "${name}": ${type} takes images, but its input is flat. Put it before flatten.`
      : `Layer "${name}": ${type} takes images, but its input is [${input.join(', ')}]. Put reshape() before it.`,
  );
}

/** @throws OptionError if the input of a layer is not flat */
export function mustBeVectors(type: string, name: string, input: Shape): void {
  if (input.length === 1) return;
  throw new OptionError(
    `Layer "${name}": ${type} takes vectors, but its input is [${input.join(', ')}]. Put flatten() before it.`,
  );
}
