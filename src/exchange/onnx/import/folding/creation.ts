/** Operators that make constants, and those that say how large they are. */
import type { OnnxTensor, OnnxType } from '../../../../formats/onnx/model.ts';
import { typeOf } from '../../../../formats/onnx/tensor.ts';
import type { Site } from '../site.ts';
import { constant, integers, type Constant, type Element } from '../value.ts';
import { given, type Folding } from './folding.ts';
import { counted } from './strided.ts';

export const creation: Folding = {
  Constant: foldConstant,
  ConstantOfShape: (site) => {
    const shape = site.numbers(0) ?? [];
    const value = site.attribute('value');
    const filler = value?.kind === 'tensor' ? value.value : undefined;
    const number = filler ? (filler.data[0] ?? 0) : 0;
    const type = filler?.type ?? 'float32';
    const length = counted(site, shape);
    const data =
      type === 'float32' ? new Float32Array(length).fill(number) : new Array<number>(length).fill(number);
    return constant(type, shape, data);
  },
  Range: (site) => {
    const [start, limit, delta] = [site.scalar(0) ?? 0, site.scalar(1) ?? 0, site.scalar(2) ?? 1];
    const length = Math.max(0, Math.ceil((limit - start) / delta));
    counted(site, [length]);
    const values = Array.from({ length }, (_, i) => start + i * delta);
    return constant(given(site, 0).type, [length], values);
  },
  Shape: (site) => {
    const { shape } = given(site, 0);
    const counted = (at: number): number => (at < 0 ? at + shape.length : at);
    return integers(shape.slice(counted(site.int('start', 0)), counted(site.int('end', shape.length))));
  },
  Size: (site) => constant('int64', [], [given(site, 0).data.length]),
  Cast: (site) => cast(site, given(site, 0), typeOf(site.int('to', 0), site.where)),
  CastLike: castLike,
};

export function constantOf({ type, shape, data }: OnnxTensor): Constant {
  return constant(type, shape, data);
}

function foldConstant(site: Site): Constant {
  for (const [name, attribute] of site.node.attributes) {
    if (attribute.kind === 'tensor' && name === 'value') return constantOf(attribute.value);
    if (attribute.kind === 'int' && name === 'value_int') return constant('int64', [], [attribute.value]);
    if (attribute.kind === 'float' && name === 'value_float') {
      return constant('float32', [], Float32Array.of(attribute.value));
    }
    if (attribute.kind === 'ints' && name === 'value_ints') return integers(attribute.value);
    if (attribute.kind === 'floats' && name === 'value_floats') {
      return constant('float32', [attribute.value.length], Float32Array.from(attribute.value));
    }
  }
  throw site.refused('it holds neither a tensor nor numbers.');
}

/** Where the other one depends on the image, it is of floating-point numbers. */
export function castLike(site: Site): Constant {
  const like = site.inputs[1];
  return cast(site, given(site, 0), like?.kind === 'feature' ? 'float32' : given(site, 1).type);
}

function cast(site: Site, from: Constant, type: OnnxType): Constant {
  if (from.type === type) return from;
  const length = counted(site, from.shape);
  const converted = (element: Element): Element => {
    if (typeof element === 'object') return element;
    if (type === 'bool') return Number(element !== 0);
    return type.startsWith('float') ? element : Math.trunc(element);
  };
  if (type !== 'float32') {
    return constant(
      type,
      from.shape,
      Array.from({ length }, (_, i) => converted(from.data[i]!)),
    );
  }
  return constant(
    type,
    from.shape,
    Float32Array.from({ length }, (_, i) => site.number(from.data[i]!)),
  );
}
