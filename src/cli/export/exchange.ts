/** The formats of other programs. */
import type { ExchangeFormatName } from '../../exchange/format.ts';
import { exportModel } from '../../exchange/exportModel.ts';
import type { ExportFormat } from './formats.ts';

export const onnx = exchanged(
  'onnx',
  { extension: '.onnx' },
  'for ONNX Runtime and whatever else reads ONNX',
);
export const keras = exchanged('keras', { extension: '.keras' }, 'for keras.models.load_model');
export const tfjs = exchanged('tfjs', { extension: '.json', folder: true }, 'for tf.loadLayersModel');
export const pytorch = exchanged(
  'pytorch',
  { extension: '.py', suffix: '_pytorch' },
  'a class, and its state_dict beside it',
);

function exchanged(
  format: ExchangeFormatName,
  traits: Omit<ExportFormat, 'encode'>,
  contents: string,
): ExportFormat {
  return {
    ...traits,
    encode: async ({ model, name, layout }) => ({
      files: await exportModel(model, { format, name, layout }),
      contents,
    }),
  };
}
