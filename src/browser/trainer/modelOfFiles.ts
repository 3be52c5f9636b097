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
    const names = models.map(pathOf).join(', ');
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
    readFile: async (path) => bytesOf(fileBeside(file, path, files)),
  });
  return { model, name: fileName };
}

/**
 * The file that a model names.
 * @param path  from the folder of the model
 * @throws DataError if there is none, or it cannot be told which of several it is
 */
function fileBeside(model: File, path: string, files: readonly File[]): File {
  const folder = pathOf(model).slice(0, -model.name.length);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const [found, another] = files.filter((each) =>
    // Of files that were chosen one by one, it is not known where they lie.
    each.webkitRelativePath ? each.webkitRelativePath === folder + path : each.name === name,
  );
  if (!found)
    throw new DataError(`${model.name} needs ${name}, which stands beside it: choose both together`);
  if (another)
    throw new DataError(
      `${model.name} needs ${path}, and there is more than one ${name}: choose that one only`,
    );
  return found;
}

/** From the folder that was chosen with all in it; else its name. */
function pathOf({ webkitRelativePath, name }: File): string {
  return webkitRelativePath || name;
}

async function bytesOf(file: File): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}
