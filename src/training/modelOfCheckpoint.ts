import { FormatError, OptionError } from '../errors.ts';
import { builtModel } from './builtModel.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Model } from './model.ts';
import { partsOfJson } from './modelJson.ts';
import type { CompiledOptions } from './objectives.ts';
import type { SequentialOptions } from './options.ts';

export interface CheckpointOptions extends SequentialOptions {
  /** Whether it is compiled as it was, and the optimizer goes on; true by default. */
  readonly compile?: boolean | undefined;
}

/**
 * The model that a checkpoint was taken of, as it was then. Those of before checkpoints told how a model was compiled give one that is not.
 * @param source  for messages: the file that it is from
 * @param options  what is given counts more than what the checkpoint says
 * @throws FormatError if the network cannot be built or trained, or the weights are not its own
 */
export function modelOfCheckpoint(
  checkpoint: Checkpoint,
  source: string,
  { compile = true, ...options }: CheckpointOptions,
): Model {
  const { network, seed, classNames, imageFit, compiled } = checkpoint;
  const what = `${source}: its network`;
  const known = { seed, classNames: classNames ?? undefined, imageFit: imageFit ?? undefined };
  const model = builtModel(what, { ...partsOfJson(network, what), ...known }, options);
  if (compile && compiled) {
    compileAgain(model, compiled, source);
    model.restore(checkpoint, source);
  } else model.setWeights(checkpoint.weights, source);
  return model;
}

/** @throws FormatError if there is something that is not known here */
function compileAgain(model: Model, compiled: CompiledOptions, source: string): void {
  try {
    model.compile(compiled);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new FormatError(`${source}: its training cannot be gone on with. ${error.message}`, {
      cause: error,
    });
  }
}
