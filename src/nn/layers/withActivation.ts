/** The option `activation` of layers that compute something else first. */
import { activationNamed } from '../activations/registry.ts';
import { activationOperation } from '../operations/activation.ts';
import type { Operation } from '../operations/operation.ts';

/** Operations with an activation behind them, unless that is linear. @param name  of the layer */
export function withActivation(
  name: string,
  activation: string,
  operations: readonly Operation[],
): readonly Operation[] {
  const shape = operations.at(-1)!.outputShape;
  return activation === 'linear'
    ? operations
    : [...operations, activationOperation(name, activationNamed(activation), shape)];
}

/** An activation as the page writes it behind what a layer does. */
export function activationText(name: string): string {
  return name === 'linear' ? '' : `, ${name === 'relu' ? 'ReLU' : name}`;
}
