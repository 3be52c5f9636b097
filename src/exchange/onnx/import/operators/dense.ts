import { extentOf, placesAlong } from '../axes.ts';
import type { Site } from '../site.ts';
import { count, type Constant, type Feature } from '../value.ts';
import { floats } from '../weights.ts';
import type { Operators } from './operator.ts';

export const denseLayers: Operators = {
  Gemm: {
    notes:
      '`dense`; behind a Flatten or Reshape of channels-first images its weights are put in the order of channels-last ones. transA is not supported.',
    read: readGemm,
  },
  MatMul: {
    notes: '`dense` without a bias, which an Add becomes. The second factor must be a constant matrix.',
    read: readMatMul,
  },
};

function readGemm(site: Site): Feature {
  const input = site.feature(0);
  if (site.int('transA', 0) !== 0) {
    throw site.refused('transA is not supported: export it with the images along the first axis.');
  }
  const matrix = matrixOf(site, site.int('transB', 0) !== 0, site.float('alpha', 1));
  return onVectors(site, input, matrix, biasOf(site, matrix.units));
}

function readMatMul(site: Site): Feature {
  const input = site.feature(0);
  const matrix = matrixOf(site, false, 1);
  if (input.axes.length === 2) return onVectors(site, input, matrix, undefined);
  const { rows, units } = matrix;
  const { layer, shape, order } = site.stored(input);
  if (order.at(-1) !== input.axes.length - 1 || shape.at(-1) !== rows) {
    throw site.refused(
      `a matrix [${rows}, ${units}] does not fit its input, whose channels are ${shape.at(-1)} and must be its last axis.`,
    );
  }
  const kernel = { shape: [rows, units], data: matrix.data };
  return site.output(site.layer('dense', [layer], { units, useBias: false }, { kernel }), order);
}

interface Matrix {
  /** [rows, units] */
  readonly data: Float32Array;
  readonly rows: number;
  readonly units: number;
}

/** The second input, transposed or not, times a number. */
function matrixOf(site: Site, transposed: boolean, factor: number): Matrix {
  const given = site.constant(1);
  if (given?.shape.length !== 2 || count(given.shape) === 0) {
    throw site.refused(
      `its second input is [${given?.shape.join(', ') ?? ''}], and must be a matrix of weights.`,
    );
  }
  const [rows, units] = (transposed ? given.shape.toReversed() : given.shape) as [number, number];
  const from = floats(site, given);
  if (!transposed && factor === 1) return { data: from, rows, units };
  const data = new Float32Array(from.length);
  const [rowStep, unitStep] = transposed ? [1, rows] : [units, 1];
  for (let row = 0; row < rows; row++) {
    for (let unit = 0; unit < units; unit++) {
      data[row * units + unit] = from[row * rowStep + unit * unitStep]! * factor;
    }
  }
  return { data, rows, units };
}

function biasOf(site: Site, units: number): Float32Array | undefined {
  const values = site.numbers(2);
  const beta = site.float('beta', 1);
  if (!values || beta === 0) return undefined;
  const { shape } = site.inputs[2] as Constant;
  const isRow = values.length === units && (shape.at(-1) ?? 1) === units;
  if (!isRow && values.length !== 1) {
    throw site.refused(`its bias is [${shape.join(', ')}], and must be one for each of ${units} units.`);
  }
  return Float32Array.from({ length: units }, (_, i) => beta * values[isRow ? i : 0]!);
}

function onVectors(site: Site, input: Feature, matrix: Matrix, bias: Float32Array | undefined): Feature {
  const { rows, units } = matrix;
  if (input.axes.length !== 2 || input.axes[0] !== 'batch' || extentOf(input, 1) !== rows) {
    const extents = input.axes.map((_, i) => extentOf(input, i));
    throw site.refused(`a matrix [${rows}, ${units}] does not fit its input [${extents.join(', ')}].`);
  }
  const layer = site.graph.layers.reshaped(input.layer, [rows], site.where);
  const weights = {
    kernel: { shape: [rows, units], data: rowsInPlace(site, input, matrix) },
    ...(bias && { bias: { shape: [units], data: bias } }),
  };
  return site.output(site.layer('dense', [layer], { units, ...(!bias && { useBias: false }) }, weights), [1]);
}

/** The rows in the order in which what they are multiplied with lies in memory. */
function rowsInPlace(site: Site, input: Feature, { data, units }: Matrix): Float32Array {
  const places = placesAlong(input, 1);
  if (!places) return data;
  site.graph.charge(data.length);
  const moved = new Float32Array(data.length);
  places.forEach((place, row) => {
    moved.set(data.subarray(row * units, (row + 1) * units), place * units);
  });
  return moved;
}
