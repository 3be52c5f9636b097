/** What a recipe comes to, in words. */
import type { OptimizerConfig } from '../../nn/optimizers/optimizer.ts';
import type { SgdConfig } from '../../nn/optimizers/sgd.ts';
import type { OneCycleConfig } from '../../nn/schedules/oneCycle.ts';
import { rateAt } from '../../nn/schedules/registry.ts';
import type { Recipe } from '../../recipes/recipe.ts';
import type { Setting } from './surroundings.ts';

/** Such as "Recipe airbench95 (95 % on CIFAR-10): sgd", "learning rate up to 1.5", "Nesterov momentum 0.85". */
export function recipeText(
  { name, description }: Recipe,
  { compilation, augment }: Pick<Setting, 'compilation' | 'augment'>,
): readonly string[] {
  const { optimizer, loss } = compilation;
  const { momentum, nesterov } = optimizer as Partial<SgdConfig>;
  const { lookahead } = optimizer;
  return [
    `Recipe ${name} (${description}): ${optimizer.name}`,
    `learning rate ${rateText(optimizer.learningRate)}`,
    ...(momentum ? [`${nesterov ? 'Nesterov ' : ''}momentum ${momentum}`] : []),
    ...(lookahead ? [`lookahead every ${lookahead.steps} steps`] : []),
    ...(loss.labelSmoothing > 0 ? [`label smoothing ${loss.labelSmoothing}`] : []),
    ...(augment.length > 0 ? [`images changed by ${augment.map(({ type }) => type).join(' and ')}`] : []),
  ];
}

function rateText(rate: OptimizerConfig['learningRate']): string {
  if (typeof rate === 'number') return String(rate);
  const { maxLearningRate } = rate as Partial<OneCycleConfig>;
  return maxLearningRate === undefined
    ? `${rounded(rateAt(rate, 0))} at first, then by a schedule`
    : `up to ${rounded(maxLearningRate)}`;
}

function rounded(rate: number): number {
  return Number(rate.toPrecision(3));
}
