/** docs/callbacks.md says what the code does: every callback, every option, every default. */
import { describe, expect, it } from 'vitest';
import { callbackOptions } from '../../src/cli/train/callbackOptions.ts';
import * as simdnet from '../../src/index.ts';
import * as portable from '../../src/portable.ts';
import { EARLY_STOPPING } from '../../src/training/callbacks/earlyStopping.ts';
import { CSV_LOGGER } from '../../src/training/callbacks/onDisk/csvLogger.ts';
import { JSON_LINES_LOGGER } from '../../src/training/callbacks/onDisk/jsonLinesLogger.ts';
import { MODEL_CHECKPOINT } from '../../src/training/callbacks/onDisk/modelCheckpoint.ts';
import { TENSOR_BOARD } from '../../src/training/callbacks/onDisk/tensorBoard.ts';
import { REDUCE_LR_ON_PLATEAU } from '../../src/training/callbacks/reduceLROnPlateau.ts';
import { chapter, inBackticks, read, sections, tableRows, valueOf } from './document.ts';

const page = read('docs/callbacks.md');
const documented = sections(chapter(page, '## The callbacks'));

const DEFAULTS: Readonly<Record<string, object>> = {
  earlyStopping: EARLY_STOPPING,
  reduceLROnPlateau: REDUCE_LR_ON_PLATEAU,
  modelCheckpoint: MODEL_CHECKPOINT,
  csvLogger: CSV_LOGGER,
  jsonLinesLogger: JSON_LINES_LOGGER,
  tensorBoard: TENSOR_BOARD,
};

describe('docs/callbacks.md', () => {
  it('has all of them', () => {
    expect(documented.map(({ names: [name] }) => name)).toEqual(Object.keys(DEFAULTS));
  });

  it.each(documented)('$names', ({ names: [name], rows, text }) => {
    const make = (simdnet as unknown as Record<string, (options: object) => object>)[name!]!;
    expect(Object.keys(portable).includes(name!)).toBe(!text.includes('In Node only.'));
    const options = rows.map(([option, value]) => [inBackticks(option!)[0]!, value!] as const);
    const required = options.filter(([, value]) => value === 'required').map(([option]) => option);
    const given = Object.fromEntries(required.map((option) => [option, 'a']));
    const known = options.map(([option]) => option).join(', ');
    expect(() => make({ ...given, '?': 1 })).toThrow(`${name!} has no option "?". It has ${known}.`);
    for (const option of required) expect(() => make({ ...given, [option]: undefined })).toThrow(option);
    make(given);
    const defaults = options
      .filter(([, value]) => value !== 'required')
      .map(([option, value]) => [option, valueOf(inBackticks(value)[0]!)]);
    expect(Object.fromEntries(defaults)).toEqual(DEFAULTS[name!]);
  });

  it('has the options of the command line', () => {
    const rows = tableRows(chapter(page, '## On the command line'));
    const options = rows.map(([option]) => /^--([\w-]+)/.exec(inBackticks(option!)[0]!)![1]);
    expect(options).toEqual(Object.keys(callbackOptions));
  });

  it('has what checkpoints need', () => {
    const rows = tableRows(chapter(page, "## One's own, and checkpoints"));
    const members = rows.map(([member]) => /^\w+/.exec(inBackticks(member!)[0]!)![0]);
    expect(members).toEqual(['name', 'getState', 'setState']);
    const callback = simdnet.earlyStopping() as unknown as Record<string, unknown>;
    for (const member of members) expect(callback[member]).toBeDefined();
  });
});
