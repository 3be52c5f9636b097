/** Operations that Keras records beside its layers, such as `images / 127.5`, as the layers that do the same. */
import { FormatError } from '../errors.ts';
import { isObject } from '../isObject.ts';
import { quoted } from '../quoted.ts';
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
  const given = operands.filter(({ isTensor }) => !isTensor).map(({ value }) => quoted(value));
  const applied = given.length > 0 ? ` with ${given.join(', ')}` : '';
  const what = className === 'TFOpLambda' ? ` ${quoted(config.function)}` : '';
  throw new FormatError(
    `${where}: this operation${what}${applied} is not supported; make it of layers, such as Rescaling, Add or Activation.`,
  );
}

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
