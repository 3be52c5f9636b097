/** How the settings say to learn, as `compile` takes it. */
import { adam } from '../../nn/optimizers/adam.ts';
import { adamw } from '../../nn/optimizers/adamw.ts';
import { lion } from '../../nn/optimizers/lion.ts';
import type { OptimizerConfig } from '../../nn/optimizers/optimizer.ts';
import { rmsprop } from '../../nn/optimizers/rmsprop.ts';
import { sgd } from '../../nn/optimizers/sgd.ts';
import { categoricalCrossentropy } from '../../nn/losses/categoricalCrossentropy.ts';
import { cosineDecay } from '../../nn/schedules/cosineDecay.ts';
import type { CompileOptions } from '../../training/options.ts';
import type { Settings } from '../settings.ts';

/** What of the settings says how to learn. */
export type LearningSettings = Pick<
  Settings,
  | 'optimizer'
  | 'momentum'
  | 'weightDecay'
  | 'learningRate'
  | 'schedule'
  | 'epochs'
  | 'batchSize'
  | 'labelSmoothing'
>;

/**
 * @param images  how many are trained on
 * @throws OptionError for a setting out of range
 */
export function learningOf(settings: LearningSettings, images: number): CompileOptions {
  return {
    optimizer: optimizerOf(settings, images),
    loss: categoricalCrossentropy({ labelSmoothing: settings.labelSmoothing }),
    metrics: ['accuracy'],
  };
}

function optimizerOf(settings: LearningSettings, images: number): OptimizerConfig {
  const { optimizer, momentum, weightDecay, schedule, learningRate: rate, epochs, batchSize } = settings;
  const steps = Math.ceil(images / batchSize);
  const learningRate =
    schedule === 'cosine' ? cosineDecay({ initialLearningRate: rate, decaySteps: epochs * steps }) : rate;
  const common = { learningRate, weightDecay };
  switch (optimizer) {
    case 'adam':
      return adam(common);
    case 'adamw':
      return adamw(common);
    case 'sgd':
      return sgd({ ...common, momentum });
    case 'rmsprop':
      return rmsprop(common);
    case 'lion':
      return lion(common);
  }
}
