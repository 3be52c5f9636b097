/** Reading a `.keras` file: a zip with the model's JSON and its weights, which are an HDF5 file. */
import { FormatError } from '../../errors.ts';
import { decodeHdf5 } from '../../formats/hdf5/decode.ts';
import type { H5Dataset, H5Group } from '../../formats/hdf5/hdf5.ts';
import { decodeZip } from '../../formats/zip.ts';
import { isObject } from '../../isObject.ts';
import type { KerasNode } from '../../nn/kerasNode.ts';
import type { Imported, Source } from '../imported.ts';
import { numberedArrays } from './arrays.ts';
import { importedModel, parsedJson } from './model.ts';

const METADATA = 'metadata.json';
const CONFIG = 'config.json';
const WEIGHTS = 'model.weights.h5';

/**
 * A network from a `.keras` file, as `model.save('NAME.keras')` of Keras 3, or of tf.keras 2.12 and later, writes it; with what the
 * optimizer knew if it is one of those that both have.
 * @throws FormatError naming the file and what in it is wrong, or not supported
 */
// eslint-disable-next-line @typescript-eslint/require-await -- as the other importers
export async function importKeras({ fileName, bytes }: Source): Promise<Imported> {
  const files = decodeZip(bytes, fileName);
  const json = parsedJson(
    new TextDecoder().decode(fileIn(files, CONFIG, fileName)),
    `${fileName}: ${CONFIG}`,
  );
  const root = decodeHdf5(fileIn(files, WEIGHTS, fileName), `${fileName}: ${WEIGHTS}`);
  const compiled = isObject(json) && isObject(json.compile_config) ? json.compile_config : {};
  return importedModel({
    fileName,
    json,
    isKeras2: isOfKeras2(files, fileName),
    loss: compiled.loss,
    metrics: compiled.metrics,
    arraysOf: () => (node) => arraysOf(root, node),
    optimizer: {
      config: compiled.optimizer,
      variables: numberedArrays(root.groups.get('optimizer')?.groups.get('vars')),
    },
  });
}

/** Whether it was written by tf.keras, whose files say so beside the model. */
function isOfKeras2(files: ReadonlyMap<string, Uint8Array>, fileName: string): boolean {
  const file = files.get(METADATA);
  const metadata = file && parsedJson(new TextDecoder().decode(file), `${fileName}: ${METADATA}`);
  return isObject(metadata) && String(metadata.keras_version).startsWith('2.');
}

function fileIn(files: ReadonlyMap<string, Uint8Array>, name: string, fileName: string): Uint8Array {
  const file = files.get(name);
  if (file) return file;
  throw new FormatError(
    `${fileName} is a zip without ${name}, hence no Keras model. Save the whole model: model.save("model.keras").`,
  );
}

/** What lists of layers are called; the second name is that of tf.keras 2.12. */
const LISTS = ['layers', '_layer_checkpoint_dependencies'];

function arraysOf(root: H5Group, { numbered }: KerasNode): H5Dataset[] {
  const group = numbered.reduce<H5Group | undefined>((model, name) => {
    const list = LISTS.map((each) => model?.groups.get(each)).find((each) => each !== undefined);
    return list?.groups.get(name);
  }, root);
  return numberedArrays(group?.groups.get('vars'));
}
