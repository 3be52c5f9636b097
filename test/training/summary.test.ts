import { expect, it } from 'vitest';
import { sequential } from '../../src/training/factories.ts';
import { tutorialNetwork } from '../../src/networks/tutorial.ts';

it('summarises the tutorial’s network as Keras does', () => {
  const printed: string[] = [];
  sequential(tutorialNetwork()).summary((text) => printed.push(text));
  const lines = printed.join('\n').split('\n');
  expect(lines).toContain('│ conv2d_1 (Conv2D)              │ (None, 16, 16, 64) │  18,496 │');
  expect(lines).toContain('│ max_pooling2d_1 (MaxPooling2D) │ (None, 8, 8, 64)   │       0 │');
  expect(lines).toContain('│ dense (Dense)                  │ (None, 64)         │ 262,208 │');
  expect(lines.slice(-3)).toEqual([
    'Total params: 319,178 (1.22 MB)',
    'Trainable params: 319,178 (1.22 MB)',
    'Non-trainable params: 0 (0 B)',
  ]);
  expect(new Set(lines.slice(1, -3).map((line) => line.length)).size).toBe(1);
});
