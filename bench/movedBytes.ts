/** How many bytes the kernels that only move data must read and write at least, with everything read once. Pure. */
import type { Call } from '../src/engine/program.ts';
import { argumentsOf } from './callArguments.ts';

type Value = (name: string) => number;
type Bytes = (value: Value, items: number, count: number) => number;

const FLOAT = 4;

/** Rows of `length` floats, of which so many tensors are read or written. */
const rows =
  (tensors: number): Bytes =>
  (value, items) =>
    tensors * FLOAT * items * value('length');

/** Rows of so many pixels. */
const pixelRows =
  (tensors: number): Bytes =>
  (value, items) =>
    tensors * FLOAT * items * value('width') * value('channels');

const images =
  (tensors: number): Bytes =>
  (value, _, count) =>
    tensors * FLOAT * count * value('height') * value('width') * value('channels');

/** So many tensors of the size of a pooling's input, and of its output. */
const pooling =
  (inputs: number, outputs: number): Bytes =>
  (value, _, count) => {
    const channels = FLOAT * count * value('channels');
    return (
      channels *
      (inputs * value('inputHeight') * value('inputWidth') + outputs * value('height') * value('width'))
    );
  };

/** So many tensors of the size of what is magnified, and as many again magnified. */
const upSampling: Bytes = (value, _, count) =>
  FLOAT *
  count *
  value('height') *
  value('width') *
  value('channels') *
  (1 + value('factorY') * value('factorX'));

/** So many arrays of blocks of 64 bytes, and as many more where there is this one. */
const blocks =
  (arrays: number, optional: Readonly<Record<string, number>> = {}): Bytes =>
  (value, items) =>
    64 *
    items *
    Object.entries(optional).reduce((sum, [name, more]) => sum + (value(name) === 0 ? 0 : more), arrays);

/** The results of shards, two float64 for each channel. */
const channelSums: Bytes = (value) => value('shards') * value('channels') * 16;

const classes =
  (tensors: number, name: string): Bytes =>
  (value, items) =>
    tensors * FLOAT * items * value(name);

/** Zeros around the images. */
const margins: Bytes = (value, _, count) => {
  const width = value('left') + value('width') + value('right');
  const pixels =
    (value('top') + value('bottom')) * width + (value('left') + value('right')) * value('height');
  return FLOAT * count * value('channels') * pixels;
};

/** Where a max pooling's argmax and its winners count as outputs: forward both are written, backward both are read. */
const MOVED: Readonly<Record<string, Bytes>> = {
  bytesToFloats: (value, items) => (1 + FLOAT) * items * value('length'),
  copyFloats: rows(2),
  copyView: pixelRows(2),
  clearMargins: margins,
  scaleView: rows(2),
  addInto: rows(3),
  addViews: rows(3),
  activationForward: rows(2),
  activationBackward: rows(3),
  reluBackward: rows(3),
  dropout: rows(2),
  spatialDropout: pixelRows(2),
  scaleShift: pixelRows(2),
  broadcastViews: pixelRows(3),
  channelStatistics: images(1),
  batchNormalizationSums: images(2),
  batchNormalizationInput: pixelRows(3),
  batchNormalizationTrain: channelSums,
  batchNormalizationGradient: channelSums,
  batchNormalizationInference: (value) => 8 * FLOAT * value('channels'),
  maxPool2dForward: pooling(1, 2),
  maxPool2dBackward: pooling(1, 3),
  averagePool2dForward: pooling(1, 1),
  averagePool2dBackward: pooling(1, 1),
  globalAverageForward: images(1),
  globalAverageBackward: images(1),
  globalMaxForward: images(1),
  globalMaxBackward: images(2),
  upSampleForward: upSampling,
  upSampleBackward: upSampling,
  softmaxForward: classes(2, 'classes'),
  softmaxRows: classes(2, 'classes'),
  softmaxRowsBackward: classes(3, 'classes'),
  sparseCategoricalAccuracy: classes(1, 'outputs'),
  softmaxCrossEntropy: classes(2, 'outputs'),
  crossEntropy: classes(2, 'outputs'),
  sumRows: (value) => 2 * FLOAT * value('rows'),
  sumShards: (value, items) => FLOAT * items * value('columns') * (value('shards') + 1),
  fillZero: (_, items) => 64 * items,
  storeConstants: (_, items) => 4 * FLOAT * items,
  // The weights and what the optimiser keeps are read and written, the gradients read.
  adam: blocks(7, { vHat: 2 }),
  sgd: blocks(3, { velocities: 2 }),
};

/** @param count  images in the batch @returns undefined for a kernel that is not known to move data only */
export function movedBytes(call: Call<unknown>, count: number): number | undefined {
  return MOVED[call.kernel]?.(argumentsOf(call), call.items, count);
}
