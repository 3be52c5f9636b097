import { describe, expect, it } from 'vitest';
import { keptOf } from '../../src/browser/trainer/keptTraining.ts';
import type { Checkpoint } from '../../src/training/checkpoint.ts';

/** As it is kept of the page, as far as it is looked at. */
function checkpoint(recipe: string, optimizer: string): Checkpoint {
  const values = { settings: { recipe, seed: 3 }, dataset: 'cifar10', identity: 'x' };
  const position = { epoch: 2, batch: 5, history: { epoch: [0, 1], history: {} } };
  return {
    callbacks: new Map([['page', { values }]]),
    compiled: null,
    training: { position, optimizer: JSON.stringify({ name: optimizer, momentum: 0.85 }) },
  } as unknown as Checkpoint;
}

describe('a training that is kept', () => {
  it('goes on by the recipe that it was begun with, which may have another name now', () => {
    const { unfinished } = keptOf(checkpoint('airbench94', 'sgd'))!;
    expect(unfinished).toMatchObject({ epoch: 2, batch: 5, dataset: 'cifar10', identity: 'x' });
    expect(unfinished.settings).toEqual({ recipe: 'airbench94-sgd', seed: 3 });
    const names = (['airbench94', 'airbench95'] as const).map(
      (name) => keptOf(checkpoint(name, name === 'airbench94' ? 'muon' : 'sgd'))!.unfinished.settings.recipe,
    );
    expect(names).toEqual(['airbench94', 'airbench95']);
  });

  it('is none if a checkpoint is not of the page, or of no training', () => {
    const whole = checkpoint('airbench94', 'muon');
    expect(keptOf({ ...whole, callbacks: new Map() })).toBeUndefined();
    expect(keptOf({ ...whole, training: null })).toBeUndefined();
  });
});
