/** A model from files that a person chose or dropped: simdnet's own, or one of another program. */
import { DataError, OptionError } from '../../errors.ts';
import { openModel } from '../../exchange/openModel.ts';
import type { Model } from '../../training/model.ts';
import type { SequentialOptions } from '../../training/options.ts';

/** Of the file that names the others, if there are several. */
const MODEL = /\.(safetensors|onnx|keras|h5|hdf5|json)$/i;

/**
 * @returns the model, and the name of its file
 * @param files  the model, and what stands beside it: the shards of a tfjs model, or what an ONNX model keeps outside
 * @throws OptionError if there is not one model among them; FormatError; DataError for a file that it needs and that is not there
 */
export async function modelOfFiles(
  files: readonly File[],
  options: SequentialOptions,
): Promise<{ readonly model: Model; readonly name: string }> {
  const models = files.length === 1 ? files : files.filter(({ name }) => MODEL.test(name));
  const [file, ...others] = models;
  if (!file || others.length > 0) {
    const names = models.map(({ name }) => name).join(', ');
    throw new OptionError(
      file
        ? `There is more than one model: ${names}. Choose one, with the files that it needs.`
        : 'None of these is a model: choose a .safetensors, .onnx, .keras or .h5 file, or the model.json of tfjs with its shards.',
    );
  }
  const { name: fileName } = file;
  const model = await openModel(await bytesOf(file), {
    ...options,
    // Classifiers are judged alike, whatever they were trained towards.
    compile: false,
    fileName,
    readFile: async (path) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      const found = files.find((each) => each.name === name);
      if (found) return bytesOf(found);
      throw new DataError(`${file.name} needs ${name}, which stands beside it: choose both together`);
    },
  });
  return { model, name: fileName };
}

async function bytesOf(file: File): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}
