/** What changes axes, and computes nothing: nothing comes of it but the map of axes. */
import { MAX_RANK } from '../../../../limits.ts';
import { extentOf, extentsOf, isStored, regrouped, remapped } from '../axes.ts';
import { castLike } from '../folding/creation.ts';
import type { Site } from '../site.ts';
import { count, integers, type BatchExtent, type Element, type Feature, type Value } from '../value.ts';
import type { Operators } from './operator.ts';

export const shapes: Operators = {
  Shape: { notes: 'Computed when the file is read.', read: readShape },
  Reshape: { notes: 'No layer, or `reshape`, `flatten`: of each image by itself.', read: readReshape },
  Flatten: { notes: '`flatten`: from axis 1 on.', read: readFlatten },
  Squeeze: { notes: 'No layer.', read: readSqueeze },
  Unsqueeze: { notes: 'No layer.', read: readUnsqueeze },
  Transpose: { notes: 'No layer: what follows must be along channels all the same.', read: readTranspose },
  Expand: { notes: 'Where it changes nothing.', read: readExpand },
  Identity: { notes: 'No layer.', read: (site) => site.feature(0) },
  Cast: { notes: 'To floating-point numbers: no layer.', read: readCast },
  CastLike: { notes: 'As Cast.', read: readCastLike },
  Dropout: { notes: '`dropout`, with its rate.', read: readDropout },
};

const BATCH: BatchExtent = { times: 1 };

function readShape(site: Site): Value {
  const input = site.feature(0);
  const extents = input.axes.map((_, i): Element => {
    const extent = extentOf(input, i);
    return extent === 'batch' ? BATCH : extent;
  });
  const counted = (at: number): number => (at < 0 ? at + extents.length : at);
  return integers(extents.slice(counted(site.int('start', 0)), counted(site.int('end', extents.length))));
}

function readReshape(site: Site): Feature {
  const input = site.feature(0);
  const target = site.constant(1);
  if (!target) throw site.refused('it has no shape: the file is damaged.');
  site.graph.charge(target.data.length);
  const keepsZero = site.int('allowzero', 0) !== 0;
  const wanted = Array.from(target.data, (element, i): Element | 'batch' =>
    element === 0 && !keepsZero && i < input.axes.length ? extentOf(input, i) : element,
  );
  const extents = perImage(site, input, wanted);
  const map = extents && regrouped(input, extents);
  if (map) return remapped(input, map);
  const inOrder = Array.from({ length: input.axes.length - 1 }, (_, i) => i + 1);
  if (extents && input.axes[0] === 'batch' && isStored(input, inOrder)) {
    const layer = site.graph.layers.reshaped(input.layer, extents, site.where);
    return site.output(
      layer,
      extents.map((_, i) => i + 1),
    );
  }
  const text = wanted
    .slice(0, MAX_RANK)
    .map((each) => (typeof each === 'number' ? each : 'batch'))
    .join(', ');
  throw site.refused(
    `to [${text}] is not supported: each image must be reshaped by itself, [batch, …], with axes taken together or split whole.`,
  );
}

/** The extents behind that of the batch, which is the first; undefined if it is not, or the others do not fit. */
function perImage(site: Site, input: Feature, wanted: readonly (Element | 'batch')[]): number[] | undefined {
  const [first, ...others] = wanted;
  const rest = others.filter((each) => typeof each === 'number');
  if (
    rest.length < others.length ||
    wanted.length > MAX_RANK ||
    rest.filter((each) => each === -1).length > 1
  )
    return undefined;
  const size = count(extentsOf(input));
  const known = count(rest.filter((each) => each !== -1));
  const complete = rest.map((each) => (each === -1 ? size / known : each));
  const isBatch =
    first === 'batch' ||
    first === -1 ||
    first === site.graph.batch ||
    (typeof first === 'object' && first.times === 1);
  const fits = complete.every((extent) => Number.isInteger(extent) && extent > 0);
  return isBatch && fits && count(complete) === size ? complete : undefined;
}

function readFlatten(site: Site): Feature {
  const input = site.feature(0);
  const axis = site.int('axis', 1);
  const counted = axis < 0 ? axis + input.axes.length : axis;
  const map =
    counted === 1 && input.axes[0] === 'batch' ? regrouped(input, [count(extentsOf(input))]) : undefined;
  if (map) return remapped(input, map);
  throw site.refused(`axis ${axis} is not supported, only 1: each image by itself.`);
}

/** Axes are an attribute, or since version 13 an input. */
function axesOf(site: Site, rank: number): number[] | undefined {
  return (site.ints('axes') ?? site.numbers(1))?.map((axis) => site.axis(axis, rank));
}

function readSqueeze(site: Site): Feature {
  const input = site.feature(0);
  const axes = axesOf(site, input.axes.length);
  const isGone = (i: number): boolean => (axes ? axes.includes(i) : extentOf(input, i) === 1);
  const larger = axes?.find((axis) => extentOf(input, axis) !== 1);
  if (larger !== undefined) throw site.refused(`axis ${larger} has another extent than 1.`);
  return remapped(input, { axes: input.axes.filter((_, i) => !isGone(i)) });
}

function readUnsqueeze(site: Site): Feature {
  const input = site.feature(0);
  const added = (site.ints('axes') ?? site.numbers(1) ?? []).length;
  const rank = input.axes.length + added;
  const places = new Set(axesOf(site, rank));
  const old = [...input.axes];
  if (places.size !== added || rank > MAX_RANK) throw site.refused('its axes are damaged.');
  return remapped(input, {
    axes: Array.from({ length: rank }, (_, i) => (places.has(i) ? [] : old.shift()!)),
  });
}

function readTranspose(site: Site): Feature {
  const input = site.feature(0);
  const rank = input.axes.length;
  const order = site.ints('perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  const axes = order.map((axis) => site.axis(axis, rank));
  if (axes.length !== rank || new Set(axes).size !== rank) {
    throw site.refused(`its perm [${order.join(', ')}] is no order of ${rank} axes.`);
  }
  return remapped(input, { axes: axes.map((axis) => input.axes[axis]!) });
}

function readExpand(site: Site): Feature {
  const input = site.feature(0);
  const target = site.constant(1)?.data ?? [];
  const rank = input.axes.length;
  const changes = Array.from(target, (element, i) => {
    const extent = i + rank < target.length ? 1 : extentOf(input, i + rank - target.length);
    return element !== 1 && (extent === 'batch' ? typeof element === 'number' : element !== extent);
  });
  if (target.length > rank || changes.includes(true)) {
    throw site.refused('values can only be repeated by an Add or a Mul that takes them.');
  }
  return input;
}

/** `TensorProto.DataType`: 16, 32 and 64 bits. */
const FLOATS = [1, 10, 11];

function readCast(site: Site): Feature {
  if (FLOATS.includes(site.int('to', 0))) return site.feature(0);
  throw site.refused('only casts to floating-point numbers are supported.');
}

function readCastLike(site: Site): Value {
  if (site.inputs[0]?.kind !== 'feature') return castLike(site);
  const like = site.inputs[1];
  if (like?.kind !== 'constant' || like.type.startsWith('float')) return site.feature(0);
  throw site.refused('only casts to floating-point numbers are supported.');
}

function readDropout(site: Site): Feature {
  const rate = site.scalar(1) ?? site.float('ratio', 0.5);
  return site.elementwise('dropout', site.feature(0), { rate });
}
