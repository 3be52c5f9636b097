/** What a network makes of a tensor in a file, for programs. */
import { FormatError, OptionError } from '../../errors.ts';
import { channelsFirst, channelsFirstShape, channelsLast } from '../../exchange/layout.ts';
import { readWhole } from '../../files/readFile.ts';
import { writeFileAtomic } from '../../files/writeFile.ts';
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '../../formats/safetensors.ts';
import type { Tensor } from '../../nn/parameters.ts';
import type { Layout, Shape } from '../../nn/shape.ts';
import type { Model } from '../../training/model.ts';

/** The names of the tensors in the files. */
const INPUT = 'input';
const OUTPUT = 'output';

export interface TensorPrediction {
  /** The safetensors file with the images. */
  readonly input: string;
  /** The one for what the network makes of them. */
  readonly output: string;
  /** Of both; by default the model's own, or the other if only that fits. */
  readonly layout: Layout | undefined;
  readonly batchSize: number;
}

/** @returns what was written @throws FormatError, OptionError for what is not for the model; DataError; SimdnetError */
export async function predictTensor(
  model: Model,
  { input: path, output, layout, batchSize }: TensorPrediction,
): Promise<{ readonly layout: Layout; readonly shape: Shape }> {
  if (!/\.safetensors$/i.test(output))
    throw new OptionError(`--output must end in .safetensors for --input, not be ${JSON.stringify(output)}.`);
  const given = tensorIn(await readWhole(path), path);
  const { inputShape } = model.network;
  const chosen = layoutOf(given.shape, inputShape, layout, model.layout, path);
  const { data } = chosen === 'nchw' ? channelsLast(floats(given)) : floats(given);
  const predicted = await model.predict(data, { batchSize });
  const { shape, data: values } = chosen === 'nchw' ? channelsFirst(predicted) : predicted;
  const tensors = new Map([[OUTPUT, { dtype: 'F32', shape, data: values } as const]]);
  await writeFileAtomic(output, encodeSafetensors(tensors));
  return { layout: chosen, shape };
}

/** The tensor "input" of a file, or the only one that it has. @throws FormatError */
function tensorIn(bytes: Uint8Array, path: string): SafeTensor {
  const { tensors } = decodeSafetensors(bytes, path);
  const tensor = tensors.get(INPUT) ?? (tensors.size === 1 ? [...tensors.values()][0] : undefined);
  if (tensor?.dtype === 'F32' || tensor?.dtype === 'U8') return tensor;
  if (tensor)
    throw new FormatError(`${path}: the tensor "${INPUT}" is ${tensor.dtype}; it must be F32 or U8.`);
  throw new FormatError(
    `${path} has no tensor "${INPUT}", but ${[...tensors.keys()].slice(0, 5).join(', ') || 'none'}.`,
  );
}

/** Numbers as they are, of bytes too: what another program was given. */
function floats({ shape, data }: SafeTensor): Tensor {
  return { shape, data: data instanceof Float32Array ? data : Float32Array.from(data as Uint8Array) };
}

/** @throws OptionError if the shape is not that of images for the network */
function layoutOf(shape: Shape, image: Shape, wanted: Layout | undefined, own: Layout, path: string): Layout {
  const shapes: Record<Layout, Shape> = { nhwc: image, nchw: channelsFirstShape(image) };
  const layouts = wanted
    ? [wanted]
    : own === 'nchw'
      ? ['nchw' as const, 'nhwc' as const]
      : ['nhwc' as const, 'nchw' as const];
  const fits = layouts.find((layout) => shape.slice(1).join() === shapes[layout].join());
  if (fits) return fits;
  if (withoutOnes(image).some((other) => shape.slice(1).join() === other.join())) return 'nhwc';
  const list = layouts.map((layout) => `[count, ${shapes[layout].join(', ')}] (${layout})`).join(' or ');
  throw new OptionError(`${path}: "${INPUT}" is [${shape.join(', ')}], but the model takes ${list}.`);
}

/** Without axes that other programs need not have: networks of vectors take images of one pixel, others images of one channel. */
function withoutOnes([height, width, channels]: Shape): readonly Shape[] {
  return [
    ...(height === 1 && width === 1 ? [[channels!]] : []),
    ...(channels === 1 ? [[height!, width!]] : []),
  ];
}
