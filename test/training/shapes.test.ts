import { expect, it } from 'vitest';
import { generateShapes } from '../../src/data/shapes.ts';
import { sequential } from '../../src/training/factories.ts';
import { tutorialNetwork } from '../../src/networks/tutorial.ts';

it(
  'teaches the tutorial’s network the drawn shapes, over 90 % of those it has not seen',
  { timeout: 300_000 },
  async () => {
    const { train, test } = generateShapes({ seed: 0 });
    const model = sequential(tutorialNetwork(), { seed: 0 });
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    await model.fit(train.images, train.labels, { epochs: 15, batchSize: 64, validationSplit: 0.2 });
    const { accuracy } = await model.evaluate(test.images, test.labels, { batchSize: 64 });
    await model.dispose();
    expect(accuracy).toBeGreaterThan(0.9);
  },
);
