import { expect, it } from 'vitest';
import { recipeAmount } from '../../bench/recipeAmount.ts';
import { recipe } from '../../src/recipes/registry.ts';

it.each([
  // 40,000 of the images in batches of 64, and in the last step as many.
  ['tutorial', 50_000, { steps: 15 * 625, images: 15 * 40_000 }],
  ['tutorial', 1000, { steps: 15 * 13, images: 15 * 800 }],
  // Whole batches only.
  ['airbench94', 50_000, { steps: 400, images: 400_000 }],
  ['airbench94', 2500, { steps: 16, images: 16_000 }],
])('%s trains %i images as often as fit does', (name, images, amount) => {
  const plan = recipe(name).plan({ inputShape: [32, 32, 3], classes: 10, images });
  expect(recipeAmount(plan, images)).toEqual(amount);
});
