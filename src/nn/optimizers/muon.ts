import { OptionError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import { flag, oneOf, whole } from '../layers/options.ts';
import { checkEpsilon, commonOptions, knownOptions, type OptionsOf } from './commonOptions.ts';
import { checkDecay, type OptimizerConfig, type OptimizerDefinition } from './optimizer.ts';
import { planMuon } from './muonPlan.ts';
import { stepRegisters } from './registers.ts';
import { sgdDefinition } from './sgd.ts';
import { fitsPattern } from './weightSettings.ts';

const ADJUSTMENTS = ['original', 'matchRmsAdamw', 'none'] as const;

/** The settings of Muon; see muonPlan.ts for what they do. */
export interface MuonConfig extends OptimizerConfig {
  readonly name: 'muon';
  readonly momentum: number;
  readonly nesterov: boolean;
  /** How often the polynomial is applied. */
  readonly nsSteps: number;
  /** a, b and c of the polynomial a·σ + b·σ³ + c·σ⁵ of the singular values. */
  readonly nsCoefficients: readonly [a: number, b: number, c: number];
  readonly epsilon: number;
  /**
   * What the learning rate of a matrix is multiplied by: √max(1, outputs ÷ inputs) by the author (`original`), 0.2·√max(outputs,
   * inputs), so that steps are as long as AdamW's (`matchRmsAdamw`), or nothing.
   */
  readonly adjustLearningRate: (typeof ADJUSTMENTS)[number];
  /** Whether a matrix is brought to a norm of √outputs before each step. */
  readonly normalizeWeights: boolean;
  /** Names of layers or kernels, with `*` for any letters, that are not for Muon: {@link sgdMomentum} is for them too. */
  readonly exclude: readonly string[];
  /** All weights that are no matrices change by gradient descent with this momentum, and Nesterov's if the matrices have it. */
  readonly sgdMomentum: number;
}

/**
 * Muon (Jordan 2024): kernels of convolutions and dense layers change by their momentum made orthogonal, all other weights by
 * gradient descent. With PyTorch's options and defaults, but for learningRate 0.02 and no weight decay, which are the author's.
 * A kernel is a matrix of all its inputs (taps × channels) by its outputs.
 * @throws OptionError for a setting out of range, or one that is not known
 */
export function muon(options: OptionsOf<MuonConfig> = {}): MuonConfig {
  const given: object = options;
  knownOptions('muon', given, [
    'momentum',
    'nesterov',
    'nsSteps',
    'nsCoefficients',
    'epsilon',
    'adjustLearningRate',
    'normalizeWeights',
    'exclude',
    'sgdMomentum',
  ]);
  const { momentum = 0.95, nsSteps = 5, epsilon = 1e-7, sgdMomentum = 0.9, exclude = [] } = given;
  checkDecay('momentum', momentum);
  checkDecay('sgdMomentum', sgdMomentum);
  checkEpsilon(epsilon);
  return {
    name: 'muon',
    ...commonOptions('muon', given, { learningRate: 0.02 }),
    momentum,
    nesterov: flag('muon', 'nesterov', given.nesterov ?? true),
    nsSteps: whole('muon', 'nsSteps', nsSteps, 1),
    nsCoefficients: coefficients(given.nsCoefficients ?? [3.4445, -4.775, 2.0315]),
    epsilon,
    adjustLearningRate: oneOf(
      'muon',
      'adjustLearningRate',
      given.adjustLearningRate ?? 'original',
      ADJUSTMENTS,
    ),
    normalizeWeights: flag('muon', 'normalizeWeights', given.normalizeWeights ?? false),
    exclude: patterns(exclude),
    sgdMomentum,
  };
}

function coefficients(value: unknown): MuonConfig['nsCoefficients'] {
  if (Array.isArray(value) && value.length === 3 && value.every((each) => Number.isFinite(each))) {
    return [...(value as [number, number, number])];
  }
  throw new OptionError(`muon: nsCoefficients must be three numbers, not ${quoted(value)}.`);
}

function patterns(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return [...value];
  throw new OptionError(
    `muon: exclude must be a list of names of layers or weights, such as ["logits"], not ${quoted(value)}.`,
  );
}

export const muonDefinition: OptimizerDefinition<MuonConfig> = {
  name: 'muon',
  configure: muon,
  variables: () => ['momentum'],
  registers: stepRegisters,
  update: (config, addresses) =>
    sgdDefinition.update({ ...config, name: 'sgd', momentum: config.sgdMomentum }, addresses),
  matrices: {
    takes: ({ exclude }, name) => !exclude.some((pattern) => fitsPattern(pattern, name)),
    plan: planMuon,
  },
};
