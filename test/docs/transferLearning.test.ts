/** docs/transfer-learning.md names options that there are, and its file of options is one. */
import { describe, expect, it } from 'vitest';
import { optionTexts } from '../../src/cli/train/config.ts';
import { trainOptions } from '../../src/cli/train/trainOptions.ts';
import { parseObject } from '../../src/formats/objectFile.ts';
import * as portable from '../../src/portable.ts';
import { sequential } from '../../src/training/factories.ts';
import { tutorialNetwork } from '../../src/networks/tutorial.ts';
import { read } from './document.ts';

const page = read('docs/transfer-learning.md');

describe('the page about going on from a model', () => {
  it('names options of train', () => {
    const names = [...page.matchAll(/--([a-z][a-z-]*)/g)].map(([, name]) => name!);
    expect(new Set(names).size).toBeGreaterThan(10);
    // One is of another command.
    for (const name of new Set(names)) expect(['model', ...Object.keys(trainOptions)]).toContain(name);
  });

  it('has a file of options that can be read', () => {
    const [, yaml] = /```yaml\n([\s\S]*?)```/.exec(page)!;
    expect(optionTexts(parseObject(yaml!, 'small.yaml'), 'small.yaml')).toMatchObject({
      network: 'lenet',
      'no-shuffle': 'true',
      'class-weight': '{"cat":2,"dog":0.5}',
    });
  });

  it('calls what there is', () => {
    const model = sequential(tutorialNetwork());
    for (const [, method = ''] of page.matchAll(/model\.(\w+)\(/g)) {
      if (method !== 'safetensors') expect(method in model, method).toBe(true);
    }
    for (const name of ['modelFromJSON', 'normalization'] as const) {
      expect(page).toContain(`${name}(`);
      expect(portable[name]).toBeTypeOf('function');
    }
  });
});
