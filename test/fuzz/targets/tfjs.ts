/** Layers models of tfjs: `model.json` and its shard in one file, the length of the first in front. */
import { exportTfjs } from '../../../src/exchange/tfjs/export.ts';
import { importTfjs } from '../../../src/exchange/tfjs/import.ts';
import { configureLoss } from '../../../src/nn/losses/registry.ts';
import { adam } from '../../../src/nn/optimizers/adam.ts';
import { sequential } from '../../../src/training/factories.ts';
import { everyLayer } from '../../training/everyLayer.ts';
import { smallNetwork } from '../../training/smallModel.ts';
import { joined, mutateBytes } from '../bytes.ts';
import { mutateJson } from '../json.ts';
import { MB, type Target } from '../target.ts';

interface Files {
  readonly json: string;
  readonly shard: Uint8Array;
}

const LENGTH_BYTES = 4;

const corpus = [sequential(smallNetwork), sequential(everyLayer())].map((model): Files => {
  const weights = model.getWeights();
  const variables = new Map(
    [...weights].flatMap(([name, tensor]) =>
      ['momentum', 'velocity'].map((kind) => [`${name}/${kind}`, tensor] as const),
    ),
  );
  const training = { optimizer: adam(), iterations: 5, variables, loss: configureLoss('meanSquaredError') };
  const [json, shard] = exportTfjs({ network: model.network, weights, training });
  return { json: json!.content as string, shard: shard!.content as Uint8Array };
});

export const tfjs: Target = {
  name: 'tfjs model',
  turns: 4,
  memory: { free: 64 * MB, perByte: 100 },
  make: (choices) => {
    const [{ json, shard }, other] = [choices.of(corpus), choices.of(corpus)];
    const text = new TextEncoder().encode(mutateJson(json, other.json, choices));
    const length = new Uint8Array(LENGTH_BYTES);
    new DataView(length.buffer).setUint32(0, text.length, true);
    return joined(length, text, choices.oneIn(4) ? mutateBytes(shard, other.shard, choices) : shard);
  },
  read: (bytes, fileName) => {
    const end = LENGTH_BYTES + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    return importTfjs({
      fileName,
      bytes: bytes.subarray(LENGTH_BYTES, end),
      file: () => Promise.resolve(bytes.subarray(end)),
    });
  },
};
