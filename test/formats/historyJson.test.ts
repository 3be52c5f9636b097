import { expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { historyFromJson } from '../../src/formats/historyJson.ts';
import { historySvg } from '../../src/plot/historySvg.ts';

it('reads what train writes, and what stands beside it', () => {
  const history = { epoch: [0, 1], history: { loss: [2, 1.5], accuracy: [0, 1] }, stopped: true };
  expect(historyFromJson(JSON.stringify(history), 'f')).toEqual(history);
});

it.each([
  ['', /^h\.json is not JSON, so it is no training history: /],
  ['['.repeat(1e6), /^h\.json is not JSON, .* nested more than 64 deep at character 64$/],
  ['{"epoch":[0],"epoch":[1],"history":{}}', /^h\.json is not JSON, .* the key "epoch" twice$/],
  ['[]', /^h\.json is no training history: it needs "epoch"/],
  ['{"epoch":[],"history":{}}', /^h\.json is no training history/],
  ['{"epoch":[0],"history":null}', /^h\.json is no training history/],
  ['{"epoch":[0],"history":{"loss":[1,2]}}', /^h\.json is no training history/],
  ['{"epoch":[0],"history":{"loss":[1e400]}}', /^h\.json is no training history/],
  ['{"epoch":[-1],"history":{"loss":[1]}}', /^h\.json is no training history/],
  ['{"epoch":[1e300],"history":{"loss":[1]}}', /^h\.json is no training history/],
])('refuses %.40s', (text, message) => {
  expect(() => historyFromJson(text, 'h.json')).toThrow(FormatError);
  expect(() => historyFromJson(text, 'h.json')).toThrow(message);
});

it('that has a value beyond what an axis can have is refused by who draws it', () => {
  const history = historyFromJson('{"epoch":[0,4],"history":{"loss":[1,1.7e308]}}', 'h.json');
  expect(() => historySvg(history)).toThrow(
    'the history\'s "loss" is 1.7e+308 at epoch 5, which cannot be drawn',
  );
});

it('has a figure however many epochs there are', () => {
  const epoch = Array.from({ length: 200_000 }, (_, i) => i);
  const history = { loss: epoch.map((i) => 1 / (i + 1)), accuracy: epoch.map(() => 0.5) };
  expect(historySvg(historyFromJson(JSON.stringify({ epoch, history }), 'h.json'))).toContain('</svg>');
});
