/** How to train: the optimizer, its learning rate and what else it takes. */
import { OptionError } from '../errors.ts';
import type { OptimizerConfig } from '../nn/optimizers/optimizer.ts';
import { configureOptimizer } from '../nn/optimizers/registry.ts';
import { cosineDecay } from '../nn/schedules/cosineDecay.ts';
import { exponentialDecay } from '../nn/schedules/exponentialDecay.ts';
import { oneCycle } from '../nn/schedules/oneCycle.ts';
import { polynomialDecay } from '../nn/schedules/polynomialDecay.ts';
import type { LearningRate } from '../nn/schedules/registry.ts';
import {
  flag,
  numberOfAtLeast0,
  oneOf,
  optional,
  positiveNumber,
  share,
  wholeNumber,
  withDefault,
  type Values,
} from './options.ts';

const GROUP = 'Optimizer:';

/** The exponential schedule ends with this part of the rate that it begins with. */
const EXPONENTIAL_END = 0.01;

/** Those whose momentum can be set. */
const WITH_MOMENTUM: readonly string[] = ['sgd', 'rmsprop', 'muon'];

/** The options that decide what memory an optimizer takes. */
export const optimizerChoice = {
  optimizer: withDefault(
    GROUP,
    'adam, adamw, sgd, rmsprop, lion or muon.',
    oneOf('adam', 'adamw', 'sgd', 'rmsprop', 'lion', 'muon'),
    'adam',
  ),
  momentum: optional(GROUP, 'Of sgd, rmsprop and muon, such as 0.9.', share, '0; muon: 0.95'),
  ema: optional(
    GROUP,
    'Keep a moving average of the weights with this momentum, such as 0.99, and end with it.',
    share,
    'none',
  ),
};

export const optimizerOptions = {
  optimizer: optimizerChoice.optimizer,
  'learning-rate': optional(
    GROUP,
    'How far a step goes; with a schedule, the most.',
    positiveNumber,
    '0.001; sgd: 0.01; muon: 0.02',
  ),
  momentum: optimizerChoice.momentum,
  nesterov: flag(GROUP, 'Nesterov’s momentum, of sgd.'),
  'weight-decay': optional(
    GROUP,
    'The share of the weights times the learning rate that each step takes away.',
    numberOfAtLeast0,
    '0; adamw: 0.004',
  ),
  'clip-norm': optional(GROUP, 'The most that the norm of all gradients may be.', positiveNumber, 'no limit'),
  ema: optimizerChoice.ema,
  schedule: withDefault(
    GROUP,
    'How the learning rate goes over all steps: constant, cosine (to 0), exponential (to a hundredth), polynomial ' +
      '(a line to 0) or one-cycle (up, and down to nearly 0).',
    oneOf('constant', 'cosine', 'exponential', 'polynomial', 'one-cycle'),
    'constant',
  ),
  'warmup-epochs': optional(GROUP, 'Epochs of rising from 0, of cosine.', wholeNumber(1), 'none'),
};

export type OptimizerValues = Values<typeof optimizerOptions>;
/** What decides how much an optimizer keeps. */
export type OptimizerChoice = Values<typeof optimizerChoice>;

/** @throws OptionError naming options that do not go together, and what would */
export function checkOptimizer(values: OptimizerValues, epochs: number): void {
  const { optimizer, momentum, nesterov, schedule, warmupEpochs } = values;
  checkMomentum(values);
  if (nesterov && optimizer !== 'sgd') {
    throw new OptionError(
      `--nesterov is for sgd, not ${optimizer}: give --optimizer sgd --momentum 0.9 too.`,
    );
  }
  if (nesterov && !momentum) throw new OptionError('--nesterov needs a momentum: give --momentum 0.9 too.');
  if (warmupEpochs === undefined) return;
  if (schedule !== 'cosine') {
    const own = schedule === 'one-cycle' ? ', since one-cycle has a warm-up of its own' : '';
    throw new OptionError(`--warmup-epochs is for --schedule cosine, not ${schedule}${own}.`);
  }
  if (warmupEpochs >= epochs) {
    throw new OptionError(
      `--warmup-epochs ${warmupEpochs} leaves no epoch of ${epochs} for the schedule: make it smaller, or give more --epochs.`,
    );
  }
}

/** @throws OptionError if the optimizer has no momentum that can be set */
export function checkMomentum({ optimizer, momentum }: OptimizerChoice): void {
  if (momentum === undefined || WITH_MOMENTUM.includes(optimizer)) return;
  throw new OptionError(
    `--momentum is for sgd, rmsprop and muon, not ${optimizer}: leave it out, or give --optimizer sgd.`,
  );
}

/** An optimizer as far as its memory depends on it. */
export function optimizerOf({ optimizer, momentum, ema }: OptimizerChoice): OptimizerConfig {
  return configure(optimizer, {
    ...(momentum !== undefined && { momentum }),
    ...(ema !== undefined && { useEma: true, emaMomentum: ema }),
  });
}

/** The learning rate, or the most that it comes to. */
export function peakRate({ optimizer, learningRate }: OptimizerValues): number {
  return learningRate ?? (configureOptimizer(optimizer).learningRate as number);
}

/** The optimizer with all its settings. @param steps  in an epoch, in all epochs */
export function chosenOptimizer(
  values: OptimizerValues,
  steps: { readonly epoch: number; readonly all: number },
): OptimizerConfig {
  const { optimizer, nesterov, weightDecay, clipNorm } = values;
  return configure(optimizer, {
    ...optimizerOf(values),
    learningRate: scheduled(values, steps),
    ...(nesterov && { nesterov }),
    ...(weightDecay !== undefined && { weightDecay }),
    ...(clipNorm !== undefined && { globalClipnorm: clipNorm }),
  });
}

function configure(name: string, settings: object): OptimizerConfig {
  return configureOptimizer({ ...settings, name } as OptimizerConfig);
}

function scheduled(
  values: OptimizerValues,
  { epoch, all }: { readonly epoch: number; readonly all: number },
): LearningRate {
  const rate = peakRate(values);
  const warmupSteps = (values.warmupEpochs ?? 0) * epoch;
  const decay = { initialLearningRate: rate, decaySteps: all };
  switch (values.schedule) {
    case 'constant':
      return rate;
    case 'cosine':
      return warmupSteps === 0
        ? cosineDecay(decay)
        : cosineDecay({
            initialLearningRate: 0,
            warmupTarget: rate,
            warmupSteps,
            decaySteps: all - warmupSteps,
          });
    case 'exponential':
      return exponentialDecay({ ...decay, decayRate: EXPONENTIAL_END });
    case 'polynomial':
      return polynomialDecay({ ...decay, endLearningRate: 0 });
    case 'one-cycle':
      return oneCycle({ maxLearningRate: rate, steps: all });
  }
}

/** What was chosen, in words: "sgd, learning rate 0.1 (cosine), momentum 0.9, weight decay 0.0005". */
export function optimizerText(values: OptimizerValues): readonly string[] {
  const { optimizer, momentum, nesterov, weightDecay, clipNorm, ema, schedule, warmupEpochs } = values;
  const warmup =
    warmupEpochs === undefined
      ? ''
      : ` after ${warmupEpochs} ${warmupEpochs === 1 ? 'epoch' : 'epochs'} of warm-up`;
  const course = schedule === 'constant' ? '' : ` (${schedule}${warmup})`;
  return [
    optimizer,
    `learning rate ${peakRate(values)}${course}`,
    ...(momentum ? [`${nesterov ? 'Nesterov ' : ''}momentum ${momentum}`] : []),
    ...(weightDecay === undefined ? [] : [`weight decay ${weightDecay}`]),
    ...(clipNorm === undefined ? [] : [`gradients clipped to ${clipNorm}`]),
    ...(ema === undefined ? [] : [`weights averaged with ${ema}`]),
  ];
}
