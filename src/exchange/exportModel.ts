/** Models for other programs. */
import { writeModel } from '#exchange';
import type { Model } from '../training/model.ts';
import type { ExportedFile, ExportOptions } from './exported.ts';

/**
 * The files of a model for another program: of several, the first is the one to open. If it has been compiled and the format has a place
 * for it, what the optimizer knows goes along.
 * @throws OptionError naming the layer that the format has no like of; EngineError in a browser that cannot fetch `exchange.js`
 */
export async function exportModel(model: Model, options: ExportOptions): Promise<readonly ExportedFile[]> {
  const { network, layout, classNames, compiled, iterations } = model;
  const { specs: layers, pixelScale } = network;
  const training = compiled && {
    optimizer: model.followsSchedule
      ? compiled.optimizer
      : { ...compiled.optimizer, learningRate: model.learningRate },
    loss: compiled.loss,
    iterations,
    variables: model.getOptimizerVariables(),
  };
  return writeModel(
    { layers, pixelScale, layout, weights: model.getWeights(), classNames, training },
    options,
  );
}
