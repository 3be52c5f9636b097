/** The modules whose weights a `state_dict` has: its tensors by what stands in front of the last dot of their names. */
import { FormatError } from '../../errors.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from '../../formats/float16.ts';
import { decodeSafetensors, type SafeTensor } from '../../formats/safetensors.ts';
import { naturalOrder } from '../../naturalOrder.ts';
import { quoted } from '../../quoted.ts';
import { hasNetwork, isOwn } from '../own.ts';
import type { TorchModule } from './layers/torchLayer.ts';

/** A module of a `state_dict`. */
export interface StoredModule {
  /** Such as "layer1.0.conv1". */
  readonly path: string;
  readonly kind: TorchModule['kind'];
  readonly parameters: ReadonlyMap<string, SafeTensor>;
}

/** How many batches a normalization has seen, which is for one that weighs all of them alike. */
const COUNTER = 'num_batches_tracked';
const PARAMETERS: readonly string[] = ['weight', 'bias', 'running_mean', 'running_var'];

/**
 * The modules of a safetensors file, in the order in which they were in the program as far as that can be told: files that are
 * sorted by name, as PyTorch's library leaves them, are sorted as people count, and others stay as they are.
 * @throws FormatError naming the file, and the tensor that belongs to no known module; OptionError for a file of simdnet
 */
export function storedModules(bytes: Uint8Array, fileName: string): StoredModule[] {
  if (isPickled(bytes)) {
    throw new FormatError(
      `${fileName} is what torch.save writes, which takes Python to read: write safetensors.torch.save_file(model.state_dict(), "FILE.safetensors").`,
    );
  }
  const file = decodeSafetensors(bytes, fileName);
  if (isOwn(file)) throw hasNetwork(fileName);
  const { tensors } = file;
  const modules = new Map<string, Map<string, SafeTensor>>();
  for (const [name, tensor] of tensors) {
    const dot = name.lastIndexOf('.');
    const [path, parameter] = [name.slice(0, Math.max(dot, 0)), name.slice(dot + 1)];
    if (parameter === COUNTER) continue;
    if (!PARAMETERS.includes(parameter)) throw unknown(fileName, name, tensor);
    const parameters = modules.get(path);
    if (parameters) parameters.set(parameter, tensor);
    else modules.set(path, new Map([[parameter, tensor]]));
  }
  const stored = Array.from(modules, ([path, parameters]): StoredModule => {
    return { path, parameters, kind: kindOf(path, parameters, fileName) };
  });
  return isSorted(tensors) ? stored.sort((a, b) => naturalOrder(a.path, b.path)) : stored;
}

/** Whether it is a zip file or a pickle, and has no header of JSON, whose length may look like either. */
function isPickled(bytes: Uint8Array): boolean {
  const begins = bytes[0] === 0x80 || (bytes[0] === 0x50 && bytes[1] === 0x4b);
  return begins && bytes[8] !== 0x7b;
}

function kindOf(
  path: string,
  parameters: ReadonlyMap<string, SafeTensor>,
  fileName: string,
): StoredModule['kind'] {
  if (parameters.has('running_mean') || parameters.has('running_var')) return 'normalization';
  const weight = parameters.get('weight');
  if (weight?.shape.length === 4) return 'convolution';
  if (weight?.shape.length === 2) return 'linear';
  const [name, tensor] = [...parameters][0]!;
  throw unknown(fileName, path === '' ? name : `${path}.${name}`, weight ?? tensor);
}

function unknown(fileName: string, name: string, { shape }: SafeTensor): FormatError {
  return new FormatError(
    `${fileName}: the tensor ${quoted(name)} of shape ${shapeText(shape)} is of no module that can be read: there are convolutions ` +
      '(weight [outputs, inputs, height, width], bias), linear layers (weight [outputs, inputs], bias) and batch ' +
      'normalizations (weight, bias, running_mean, running_var).',
  );
}

/** Whether tensors of the same type stand by their names, which is how PyTorch's library writes them. */
function isSorted(tensors: ReadonlyMap<string, SafeTensor>): boolean {
  const last = new Map<string, string>();
  for (const [name, { dtype }] of tensors) {
    if (name < (last.get(dtype) ?? '')) return false;
    last.set(dtype, name);
  }
  return true;
}

/** The values of a tensor as numbers here are. @throws FormatError if they are no floats */
export function floatsOf({ dtype, data }: SafeTensor, name: string, fileName: string): Float32Array {
  if (dtype === 'F32') return data;
  if (dtype === 'F64') return Float32Array.from(data);
  if (dtype === 'F16') return Float32Array.from(data, float16ToFloat32);
  if (dtype === 'BF16') return Float32Array.from(data, bfloat16ToFloat32);
  throw new FormatError(
    `${fileName}: the tensor ${quoted(name)} is ${dtype}; weights are F32, F64, F16 or BF16.`,
  );
}

export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
