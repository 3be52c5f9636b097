/** What images are to be told as: from what users give to what the engine takes. */
import { OptionError } from '../errors.ts';
import { MAX_CLASSES } from '../limits.ts';
import type { LossConfig, TargetLayout } from '../nn/losses/loss.ts';
import { lossDefinition } from '../nn/losses/registry.ts';
import { size, type Shape } from '../nn/shape.ts';

/**
 * Class indices, [count]; or numbers, [count, outputs]: one-hot rows, probabilities, or what else the loss compares the
 * network's outputs with.
 */
export type TargetData =
  Uint8Array | Uint16Array | Int32Array | Float32Array | Float64Array | readonly number[];

/** Targets, as the engine takes them. */
export type Targets =
  | { readonly layout: 'classes'; readonly data: Int32Array; readonly size: number }
  | { readonly layout: 'values'; readonly data: Float32Array; readonly size: number };

/**
 * @param count  how many images there are
 * @param outputShape  of the network
 * @param keepRows  whether one-hot rows stay numbers, because others behind them may be none
 * @throws OptionError if there are not as many targets as images, or they are none that the loss can take
 */
export function encodeTargets(
  y: TargetData,
  count: number,
  outputShape: Shape,
  loss: LossConfig,
  keepRows = false,
): Targets {
  if (!Array.isArray(y) && !ArrayBuffer.isView(y)) {
    throw new OptionError('y must be an array or a typed array: class indices, or a number for each output.');
  }
  const { layouts, name } = lossDefinition(loss);
  const outputs = size(outputShape);
  const classes = outputShape.at(-1)!;
  const rows = outputs / classes;
  if (layouts.includes('classes') && y.length === count * rows && (classes > 1 || layouts.length === 1)) {
    return { layout: 'classes', data: indices(y, classes), size: rows };
  }
  if (layouts.includes('values') && y.length === count * outputs) {
    if (keepRows || !layouts.includes('classes'))
      return { layout: 'values', data: numbers(y), size: outputs };
    return oneHotOrValues(y, classes, rows);
  }
  const wanted = layouts.map((layout) => (layout === 'classes' ? count * rows : count * outputs));
  throw new OptionError(
    `There are ${count} images, but y has ${y.length} ${layouts[0] === 'classes' ? 'labels' : 'values'}: ` +
      `${name} needs ${[...new Set(wanted)].join(' or ')} for outputs of [${outputShape.join(', ')}].`,
  );
}

/** One-hot rows as indices, which take less; other rows as they are. */
function oneHotOrValues(y: TargetData, classes: number, rows: number): Targets {
  const data = new Int32Array(y.length / classes);
  for (let row = 0; row < data.length; row++) {
    let hot = -1;
    for (let c = 0; c < classes; c++) {
      const value = y[row * classes + c]!;
      if (value === 1 && hot < 0) hot = c;
      else if (value !== 0) return { layout: 'values', data: numbers(y), size: rows * classes };
    }
    if (hot < 0) return { layout: 'values', data: numbers(y), size: rows * classes };
    data[row] = hot;
  }
  return { layout: 'classes', data, size: rows };
}

function indices(y: TargetData, classes: number): Int32Array {
  if (classes > MAX_CLASSES) throw new OptionError(`There can be at most ${MAX_CLASSES} classes.`);
  const data = Int32Array.from(y);
  for (let i = 0; i < data.length; i++) {
    if (data[i] !== y[i] || data[i]! < 0 || data[i]! >= classes) {
      throw new OptionError(`y[${i}] is ${y[i]}, but the network's classes are 0 to ${classes - 1}.`);
    }
  }
  return data;
}

function numbers(y: TargetData): Float32Array {
  const data = y instanceof Float32Array ? y : Float32Array.from(y);
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new OptionError(`y[${bad}] is ${y[bad]}: targets must be finite numbers.`);
  return data;
}

/** Targets in a layout: one-hot rows, where indices were given. @param classes  of a row */
export function inLayout(targets: Targets, layout: TargetLayout, classes: number): Targets {
  if (targets.layout === layout) return targets;
  if (targets.layout === 'values') throw new Error('Values cannot be made into classes.');
  const data = new Float32Array(targets.data.length * classes);
  targets.data.forEach((target, row) => {
    data[row * classes + target] = 1;
  });
  return { layout: 'values', data, size: targets.size * classes };
}
