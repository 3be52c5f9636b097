/** An activation as an operation: computed value by value, or, for the softmax, row by row. */
import { call } from '../../engine/call.ts';
import type { Instruction } from '../../engine/program.ts';
import type { ActivationDefinition } from '../activations/activation.ts';
import { size, type Shape } from '../shape.ts';
import { place, type View } from '../view.ts';
import type { Operation } from './operation.ts';

export function activationOperation(name: string, activation: ActivationDefinition, shape: Shape): Operation {
  if (activation.kind === 'softmax') return softmaxOperation(name, activation, shape);
  const { fromOutput = false } = activation;
  return {
    name,
    outputShape: shape,
    activation,
    keepsInput: !fromOutput,
    keepsOutput: fromOutput,
    overwrites: true,
    overwritesGradient: true,
    plan: ({ context, input, output }) => ({
      prepare: [],
      forward: (count) => [activate(`${name} forward`, activation, input, output, count)],
      backward: ({ dOutput, dInput }) => ({
        backward: (count) =>
          dInput && context.training
            ? [derive(`${name} dInput`, activation, dOutput, fromOutput ? output : input, dInput, count)]
            : [],
      }),
    }),
  };
}

function activate(
  label: string,
  { kind, parameters: [a, b, c] }: ActivationDefinition,
  input: View,
  output: View,
  count: number,
): Instruction {
  return call('activationForward', label, count * output.height, {
    ...place('input', input),
    ...place('output', output),
    height: output.height,
    length: output.width * output.channels,
    kind: kind as number,
    a,
    b,
    c,
  });
}

/**
 * The gradient of an activation's input.
 * @param saved  the activation's input, or its output where the derivative can be told from that
 */
export function derive(
  label: string,
  { name, kind, parameters: [a, b, c] }: ActivationDefinition,
  dOutput: View,
  saved: View,
  dInput: View,
  count: number,
): Instruction {
  const views = {
    ...place('dOutput', dOutput),
    ...place('dInput', dInput),
    height: dOutput.height,
    length: dOutput.width * dOutput.channels,
  };
  const items = count * dOutput.height;
  if (name === 'relu')
    return call('reluBackward', label, items, { ...views, ...place('output', saved), relu: 1 });
  return call('activationBackward', label, items, {
    ...views,
    ...place('saved', saved),
    kind: kind as number,
    a,
    b,
    c,
  });
}

/** The softmax over the last axis. */
function softmaxOperation(name: string, activation: ActivationDefinition, shape: Shape): Operation {
  const classes = shape.at(-1)!;
  /** Rows as kernels see them: all pixels of the batch. */
  const rows = (count: number): number => (count * size(shape)) / classes;
  return {
    name,
    outputShape: shape,
    activation,
    keepsOutput: true,
    compact: true,
    plan: ({ input, output }) => ({
      prepare: [],
      forward: (count) => [
        // Few rows can have float64 inside.
        shape.length === 1
          ? call('softmaxForward', `${name} softmax`, count, {
              logits: input.address,
              classes,
              probabilities: output.address,
            })
          : call('softmaxRows', `${name} forward`, rows(count), {
              input: input.address,
              inputRow: input.pixel,
              output: output.address,
              outputRow: output.pixel,
              classes,
            }),
      ],
      backward: ({ dOutput, dInput }) => ({
        backward: (count) =>
          dInput
            ? [
                call('softmaxRowsBackward', `${name} dInput`, rows(count), {
                  dOutput: dOutput.address,
                  dOutputRow: dOutput.pixel,
                  output: output.address,
                  outputRow: output.pixel,
                  dInput: dInput.address,
                  dInputRow: dInput.pixel,
                  classes,
                }),
              ]
            : [],
      }),
    }),
  };
}
