/** Checkpoints: safetensors files whose metadata says where a training stands. */
import type { Checkpoint } from '../../../src/training/checkpoint.ts';
import { openModel } from '../../../src/exchange/openModel.ts';
import { encodeCheckpoint } from '../../../src/training/checkpointFile.ts';
import { smallModel } from '../../training/smallModel.ts';
import { MB, type Target } from '../target.ts';
import { mutateMetadata } from './networks.ts';
import { mutateSafetensors } from './safetensors.ts';

const beginning = smallModel().checkpoint();
const weights = beginning.weights;
const training: Checkpoint['training'] = {
  position: {
    epoch: 2,
    batch: 3,
    totals: { sums: [1.5, 2, -0, NaN], seen: 24 },
    history: { epoch: [0, 1], history: { loss: [2, 1], val_loss: [NaN, Infinity] } },
  },
  epochsBefore: 0,
  optimizer: '{"name":"adam"}',
  augment: '[]',
  loss: '{"name":"sparseCategoricalCrossentropy"}',
  order: { batchSize: 8, shuffle: true, stepsPerEpoch: 0, dropRemainder: false, validationSplit: 0.2 },
  data: { count: 50, size: 108, targets: 1, first: '00000001', last: 'ffffffff' },
};
const corpus = await Promise.all(
  [
    beginning,
    {
      ...beginning,
      training,
      steps: 13,
      callbacks: new Map([['earlyStopping', { values: { best: 0.5, wait: 1 }, tensors: weights }]]),
      optimizer: new Map(
        [...weights].flatMap(([name, tensor]) =>
          ['momentum', 'velocity'].map((variable) => [`${name}/${variable}`, tensor] as const),
        ),
      ),
    },
  ].map((checkpoint) => withoutHash(checkpoint)),
);

/** A file that says it has no hash, so that what is done to it is not found out at once. */
async function withoutHash(checkpoint: Checkpoint): Promise<Uint8Array> {
  const bytes = await encodeCheckpoint(checkpoint);
  const place = Buffer.from(bytes).indexOf('"simdnet.sha256":"') + '"simdnet.sha256":"'.length;
  return bytes.fill(0x30, place, place + 64);
}

export const checkpoint: Target = {
  name: 'checkpoint',
  turns: 3,
  memory: { free: 64 * MB, perByte: 100 },
  make: (choices) =>
    mutateSafetensors(corpus, choices, (header, other) =>
      mutateMetadata(header, other, choices, 'simdnet.checkpoint'),
    ),
  read: (bytes, fileName) => openModel(bytes, { fileName }),
};
