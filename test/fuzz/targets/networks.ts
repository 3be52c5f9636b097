/** Networks of every kind, as model files, as a model's JSON, and as Keras' JSON. */
import { readdirSync, readFileSync } from 'node:fs';
import { partsOfText } from '../../../src/cli/networkOptions.ts';
import { networkPreset } from '../../../src/networks/registry.ts';
import { sequential } from '../../../src/training/factories.ts';
import { decodeModel, encodeModel } from '../../../src/training/modelFile.ts';
import { everyLayer } from '../../training/everyLayer.ts';
import { smallNetwork } from '../../training/smallModel.ts';
import { mutateBytes } from '../bytes.ts';
import type { Choices } from '../choices.ts';
import { mutateJson } from '../json.ts';
import { MB, type Target } from '../target.ts';
import { mutateSafetensors } from './safetensors.ts';

const models = [
  sequential(smallNetwork, { classNames: ['red', 'green', 'blue'], imageFit: 'crop' }),
  sequential(everyLayer()),
  sequential(networkPreset('lenet', { inputShape: [32, 32, 3], classes: 10 })),
];

const modelFiles = models.slice(0, 2).map(encodeModel);
const modelJson = [
  ...models.map((each) => JSON.stringify(each)),
  JSON.stringify(sequential(networkPreset('resnet18', { inputShape: [32, 32, 3], classes: 10 }))),
];

const fixtures = new URL('../../fixtures/keras/', import.meta.url);
const kerasJson = readdirSync(fixtures, { withFileTypes: true }).flatMap((each) =>
  each.isDirectory() ? [readFileSync(new URL(`${each.name}/model.json`, fixtures), 'utf8')] : [],
);

const memory = { free: 64 * MB, perByte: 100 };

export const modelFile: Target = {
  name: 'model file',
  turns: 4,
  memory,
  make: (choices) =>
    mutateSafetensors(modelFiles, choices, (header, other) =>
      choices.oneIn(3) ? mutateJson(header, other, choices) : mutateMetadata(header, other, choices),
    ),
  read: (bytes, name) => decodeModel(bytes, name).getWeights(),
};

export const modelText = textTarget('model JSON', modelJson);
export const kerasText = textTarget('Keras JSON', kerasJson);

function textTarget(name: string, texts: readonly string[]): Target {
  return {
    name,
    turns: 4,
    memory,
    make: (choices) => mutateText(texts, choices),
    read: (bytes, file) => partsOfText(new TextDecoder().decode(bytes), file),
  };
}

interface Header {
  __metadata__: Record<string, string>;
}

/** Of a header, the network that is in it as text. */
export function mutateMetadata(
  header: string,
  other: string,
  choices: Choices,
  key = choices.oneIn(8) ? 'simdnet.class_names' : 'simdnet.model',
): string {
  const { __metadata__: donor } = JSON.parse(other) as Header;
  const fields = JSON.parse(header) as Header;
  if (choices.oneIn(16))
    fields.__metadata__['simdnet.image_fit'] = choices.of(['fit', 'squash', '', 'x'.repeat(999)]);
  const text = fields.__metadata__[key] ?? '[]';
  fields.__metadata__[key] = mutateJson(text, donor[key] ?? '[1]', choices);
  return JSON.stringify(fields);
}

export function mutateText(texts: readonly string[], choices: Choices): Uint8Array {
  const [text, other] = [choices.of(texts), choices.of(texts)];
  const encoder = new TextEncoder();
  return choices.oneIn(5)
    ? mutateBytes(encoder.encode(text), encoder.encode(other), choices)
    : encoder.encode(mutateJson(text, other, choices));
}
