/** Operations that Keras records beside its layers, such as `images / 127.5`, as the layers that do the same. */
import { FormatError } from '../errors.ts';
import { isObject } from '../isObject.ts';
import { quoted } from '../quoted.ts';
import { OF_LAYERS } from './kerasForms.ts';
import type { Options } from './named.ts';

/** What an operation is applied to. */
export interface Operand {
  /** Undefined if it is known by its place. */
  readonly name: string | undefined;
  /** Whether it is the output of a layer, or a list of such. */
  readonly isTensor: boolean;
  readonly value: unknown;
}

interface Operation {
  readonly className: string;
  readonly module: unknown;
  readonly config: Options;
}

interface KerasLayer {
  readonly className: string;
  readonly config: Options;
}

type Translation = (config: Options, operands: readonly Operand[]) => KerasLayer | undefined;

/**
 * Whether it is one: by where Keras 3 keeps it, by the class that Keras 2 has for all of them, or, in files that do not say where classes
 * are, by what no layer is applied to or has for an option.
 */
export function isOperation({ className, module, config }: Operation, operands: readonly Operand[]): boolean {
  if (className === 'TFOpLambda' || ONLY_OPERATIONS.has(className)) return true;
  if (typeof module === 'string') return /^keras\.(src\.)?ops\b/.test(module);
  const takesNumber = operands.some(({ isTensor, value }) => !isTensor && typeof value === 'number');
  return (ARITHMETIC.has(className) && takesNumber) || (className === 'Reshape' && 'newshape' in config);
}

/** @throws FormatError if no layer does the same */
export function layerOfOperation(
  { className, config }: Operation,
  operands: readonly Operand[],
  where: string,
): KerasLayer {
  const name = className === 'TFOpLambda' ? TENSORFLOW.get(quoted(config.function).slice(1, -1)) : className;
  const layer = name === undefined ? undefined : OPERATIONS.get(name)?.(config, operands);
  if (layer) return layer;
  if (name === undefined) {
    throw new FormatError(
      `${where}: the operation ${quoted(config.function)} is not supported. ${OF_LAYERS}`,
    );
  }
  const isKnown = OPERATIONS.has(name) ? ' with what it is applied to' : '';
  throw new FormatError(`${where} is not supported${isKnown}. ${REMEDIES.get(name) ?? OF_LAYERS}`);
}

const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['GetItem', 'Rows and columns at the edges of images can be cut off, as Cropping2D does.'],
  ['Clip', 'Its least value can be 0, as that of ReLU with max_value.'],
]);

const activation =
  (name: string): Translation =>
  () => ({ className: 'Activation', config: { activation: name } });

/** Adding and the like, of a tensor and a number, or of two tensors. @param merge  the layer for those */
const arithmetic =
  (
    merge: string | undefined,
    scaled: (by: readonly number[], isFirst: boolean) => Options | undefined,
  ): Translation =>
  (_, operands) => {
    const taken = operands.filter(({ name, value }) => name !== 'name' && value !== null);
    const tensors = taken.filter(({ isTensor }) => isTensor);
    if (taken.length !== 2) return undefined;
    if (tensors.length === 2) return merge === undefined ? undefined : { className: merge, config: {} };
    const numbers = numbersOf(taken.find(({ isTensor }) => !isTensor)!.value);
    const config = tensors.length === 1 && numbers ? scaled(numbers, !taken[0]!.isTensor) : undefined;
    return config && { className: 'Rescaling', config };
  };

/** A number, or one for each channel: a list, or how Keras writes arrays. */
function numbersOf(value: unknown): readonly number[] | undefined {
  const content = isObject(value) && isObject(value.config) ? value.config.value : value;
  const list: unknown[] = Array.isArray(content) ? content.flat(3) : [content];
  return list.length > 0 && list.every((each) => typeof each === 'number' && Number.isFinite(each))
    ? (list as number[])
    : undefined;
}

const perChannel = (numbers: readonly number[]): unknown => (numbers.length === 1 ? numbers[0] : numbers);
const negated = (numbers: readonly number[]): readonly number[] => numbers.map((each) => -each);

const OPERATIONS: ReadonlyMap<string, Translation> = new Map<string, Translation>([
  ['Add', arithmetic('Add', (by) => ({ scale: 1, offset: perChannel(by) }))],
  [
    'Subtract',
    arithmetic('Subtract', (by, isFirst) =>
      isFirst ? { scale: -1, offset: perChannel(by) } : { scale: 1, offset: perChannel(negated(by)) },
    ),
  ],
  ['Multiply', arithmetic('Multiply', (by) => ({ scale: perChannel(by) }))],
  [
    'TrueDivide',
    arithmetic(undefined, (by, isFirst) =>
      isFirst || by.includes(0) ? undefined : { scale: perChannel(by.map((each) => 1 / each)) },
    ),
  ],
  ['Negative', () => ({ className: 'Rescaling', config: { scale: -1 } })],
  ['Relu', activation('relu')],
  ['Relu6', activation('relu6')],
  ['Sigmoid', activation('sigmoid')],
  ['HardSigmoid', activation('hard_sigmoid')],
  ['Silu', activation('silu')],
  ['HardSilu', activation('hard_silu')],
  ['Tanh', activation('tanh')],
  ['Softplus', activation('softplus')],
  ['Selu', activation('selu')],
  ['Gelu', ({ approximate }) => activation(approximate === false ? 'gelu' : 'gelu_approximate')({}, [])],
  ['Elu', ({ alpha = 1 }) => (alpha === 1 ? activation('elu')({}, []) : undefined)],
  [
    'LeakyRelu',
    ({ negative_slope: slope = 0.2 }) => ({ className: 'LeakyReLU', config: { negative_slope: slope } }),
  ],
  ['Softmax', ({ axis = -1 }) => ({ className: 'Softmax', config: { axis } })],
  [
    'Clip',
    ({ x_min: least, x_max: most }) =>
      least === 0 ? { className: 'ReLU', config: { max_value: most } } : undefined,
  ],
  ['GetItem', cropping],
  ['Concatenate', ({ axis = -1 }) => ({ className: 'Concatenate', config: { axis } })],
  ['Mean', (config) => globalPooling('GlobalAveragePooling2D', config)],
  ['Max', (config) => globalPooling('GlobalMaxPooling2D', config)],
  [
    'Reshape',
    ({ newshape: shape }) =>
      Array.isArray(shape) && (shape[0] === -1 || shape[0] === null)
        ? { className: 'Reshape', config: { target_shape: shape.slice(1) } }
        : undefined,
  ],
]);

/** `x[:, 1:-1, 1:-1, :]` */
function cropping(_: Options, [images, index]: readonly Operand[]): KerasLayer | undefined {
  const config = isObject(images?.value) && isObject(images.value.config) ? images.value.config : {};
  const shape: unknown[] = Array.isArray(config.shape) ? config.shape : [];
  const slices: unknown[] = Array.isArray(index?.value) ? index.value : [index?.value];
  if (shape.length !== 4 || slices.length > 4) return undefined;
  const cut = shape.map((size, axis) => (axis < slices.length ? cutOff(slices[axis], size) : [0, 0]));
  const [batch, rows, columns, channels] = cut;
  if (!rows || !columns || String([batch, channels]) !== '0,0,0,0') return undefined;
  return { className: 'Cropping2D', config: { cropping: [rows, columns] } };
}

/**
 * How many a slice leaves out in front and behind; undefined for what is none, or takes not all between.
 * @param size  along the axis; null if it may be any, as that of the batch
 */
function cutOff(slice: unknown, size: unknown): readonly [number, number] | undefined {
  if (!isObject(slice) || slice.class_name !== '__slice__' || !isObject(slice.config)) return undefined;
  const { start, stop, step } = slice.config;
  if ((step ?? 1) !== 1) return undefined;
  if (size === null) return (start ?? 0) === 0 && (stop ?? null) === null ? [0, 0] : undefined;
  const isPlace = (place: unknown): place is number | null => place === null || Number.isInteger(place);
  if (typeof size !== 'number' || !isPlace(start) || !isPlace(stop)) return undefined;
  const placed = (place: number): number => Math.min(Math.max(place < 0 ? place + size : place, 0), size);
  return [placed(start ?? 0), size - placed(stop ?? size)];
}

function globalPooling(className: string, { axis, keepdims = false }: Options): KerasLayer | undefined {
  return Array.isArray(axis) && axis.length === 2 && axis.includes(1) && axis.includes(2)
    ? { className, config: { keepdims } }
    : undefined;
}

const ARITHMETIC: ReadonlySet<string> = new Set(['Add', 'Subtract', 'Multiply']);

/** What no layer is called. */
const ONLY_OPERATIONS: ReadonlySet<string> = new Set(
  [...OPERATIONS.keys()].filter(
    (name) => !ARITHMETIC.has(name) && !['Softmax', 'Concatenate', 'Reshape'].includes(name),
  ),
);

/** The functions of TensorFlow that Keras 2 recorded. */
const TENSORFLOW: ReadonlyMap<string, string> = new Map([
  ['__operators__.add', 'Add'],
  ['math.add', 'Add'],
  ['math.subtract', 'Subtract'],
  ['math.multiply', 'Multiply'],
  ['math.truediv', 'TrueDivide'],
  ['math.divide', 'TrueDivide'],
  ['math.negative', 'Negative'],
  ['math.sigmoid', 'Sigmoid'],
  ['math.tanh', 'Tanh'],
  ['math.softplus', 'Softplus'],
  ['nn.relu', 'Relu'],
  ['nn.relu6', 'Relu6'],
  ['nn.silu', 'Silu'],
  ['nn.swish', 'Silu'],
  ['nn.elu', 'Elu'],
  ['nn.selu', 'Selu'],
  ['nn.softmax', 'Softmax'],
]);
