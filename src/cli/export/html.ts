/** A page in one file, which classifies pictures and what a camera sees. */
import { fileURLToPath } from 'node:url';
import { DataError, OptionError } from '../../errors.ts';
import { fileSize, readWhole } from '../../files/readFile.ts';
import { classifierPage } from '../../formats/classifierPage.ts';
import type { Network } from '../../nn/network.ts';
import { encodeModel } from '../../training/modelFile.ts';
import { mustClassify } from '../fits.ts';
import { sizeOf } from '../units.ts';
import type { ExportFormat } from './formats.ts';

// From src/cli/export as from dist/cli/export, three folders up is the package; the build makes it.
const TEMPLATE = fileURLToPath(new URL('../../../dist/export/classifier.html', import.meta.url));

export const format: ExportFormat = {
  extension: '.html',
  encode: async ({ model, path, name, title, fit }) => {
    mustClassify(model.network, path);
    mustTakePictures(model.network, path);
    const template = await readTemplate();
    const content = await classifierPage(template, { title, model: encodeModel(model), fit });
    const rest = Buffer.byteLength(template);
    const size = Buffer.byteLength(content);
    return {
      files: [{ name: `${name}.html`, content }],
      contents: `the model ${sizeOf(size - rest)}, the engine, decoders and page ${sizeOf(rest)}`,
    };
  },
};

/** @throws OptionError if it takes something else, or tells no classes apart */
function mustTakePictures({ inputShape, outputShape }: Network, path: string): void {
  const channels = inputShape[2];
  if (channels !== 1 && channels !== 3) {
    throw new OptionError(
      `${path} takes [${inputShape.join(', ')}], which is no picture: a page needs [height, width, 3] for colour or [height, width, 1] for grey.`,
    );
  }
  if (outputShape.length !== 1) {
    throw new OptionError(
      `${path} gives [${outputShape.join(', ')}] for a picture, not one probability for each class: put a flatten or globalAveragePooling2d in front of its last layer.`,
    );
  }
}

async function readTemplate(): Promise<string> {
  if ((await fileSize(TEMPLATE)) === undefined)
    throw new DataError(`There is no ${TEMPLATE}: install simdnet again, or build it with "npm run build".`);
  return new TextDecoder().decode(await readWhole(TEMPLATE));
}
