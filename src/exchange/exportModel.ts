/** Models for other programs. */
import { OptionError } from '../errors.ts';
import { refuseUnknown } from '../nn/layers/options.ts';
import { LAYOUTS, type Layout } from '../nn/shape.ts';
import type { Model } from '../training/model.ts';
import type { ExportedFile, ExportedNetwork } from './exported.ts';
import { exchangeFormat, type ExchangeFormatName } from './format.ts';

export interface ExportOptions {
  format: ExchangeFormatName;
  /** Of the files, without an extension; 'model' by default. */
  name?: string;
  /** That of the images which the exported model takes, where the format has a choice; by default that of where it is from. */
  layout?: Layout | undefined;
}

/**
 * The files of a model for another program: of several, the first is the one to open. If it has been compiled and the format has a place
 * for it, what the optimizer knows goes along.
 * @throws OptionError naming the layer that the format has no like of
 */
export async function exportModel(model: Model, options: ExportOptions): Promise<readonly ExportedFile[]> {
  refuseUnknown('exportModel', options, ['format', 'name', 'layout']);
  const { format, name = 'model', layout = model.layout } = options;
  if (!LAYOUTS.includes(layout))
    throw new OptionError(`layout must be one of ${LAYOUTS.join(', ')}, not ${JSON.stringify(layout)}.`);
  const { loadExport, title } = exchangeFormat(format);
  if (!loadExport) throw new OptionError(`Models are not exported to ${title}.`);
  const write = await loadExport();
  return write(exported(model), name, { layout });
}

function exported(model: Model): ExportedNetwork {
  const { network, classNames, compiled, iterations } = model;
  return {
    network,
    weights: model.getWeights(),
    classNames,
    ...(compiled && {
      training: {
        optimizer: model.followsSchedule
          ? compiled.optimizer
          : { ...compiled.optimizer, learningRate: model.learningRate },
        loss: compiled.loss,
        iterations,
        variables: model.getOptimizerVariables(),
      },
    }),
  };
}
