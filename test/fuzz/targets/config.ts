/** Files of options: YAML, and the JSON that is YAML too. */
import { optionTexts } from '../../../src/cli/train/config.ts';
import { parseObject } from '../../../src/formats/objectFile.ts';
import { mutateBytes } from '../bytes.ts';
import { MB, type Target } from '../target.ts';
import { mutateText } from './networks.ts';

const corpus = [
  { epochs: 3, 'batch-size': 16, noShuffle: true, network: 'lenet', 'class-weight': { cat: 2, 1: 0.5 } },
  {
    commandLine: ['train'],
    options: { epochs: 5, dropout: null, checkpointEvery: { seconds: 300 }, out: 'runs/a', nesterov: false },
  },
  { freeze: ['conv2d*', 'dense'], from: 'runs/a', 'unfreeze-after': 2, optimizer: 'sgd', momentum: 0.9 },
].map((each) => JSON.stringify(each));

/** Of which nothing but bytes is changed. */
const yaml = [
  'epochs: 3 # so many\nfreeze: [conv2d, &a dense]\nclass-weight: {cat: 2}\nnetwork: *a\n',
  'class-weight:\n  cat: 2\n  "dog": !!float 1\ntensorboard: >\n  folded\n  text\n',
];

const encoder = new TextEncoder();

export const config: Target = {
  name: 'options',
  turns: 2,
  memory: { free: 64 * MB, perByte: 1000 },
  make: (choices) =>
    choices.oneIn(2)
      ? mutateText(corpus, choices)
      : mutateBytes(encoder.encode(choices.of(yaml)), encoder.encode(choices.of(yaml)), choices),
  read: (bytes, name) => {
    const path = `${name}.yaml`;
    return optionTexts(parseObject(new TextDecoder().decode(bytes), path), path);
  },
};
