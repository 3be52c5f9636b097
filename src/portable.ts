/** What `import … from 'simdnet'` gives in browsers, and in Node too: all that needs no disk. */
export { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from './nn/spec.ts';
export { activation, leakyReLU, reLU } from './nn/layers/activation.ts';
export { batchNormalization } from './nn/layers/batchNormalization.ts';
export { concatenate } from './nn/layers/concatenate.ts';
export { globalAveragePooling2d } from './nn/layers/globalAveragePooling2d.ts';
export { add, subtract } from './nn/layers/merge.ts';
export { input, type SymbolicTensor } from './nn/symbolic.ts';
export { adam, type AdamConfig } from './nn/optimizers/adam.ts';
export { sgd, type SgdConfig } from './nn/optimizers/sgd.ts';
export type { Tensor } from './nn/parameters.ts';
export { fromKerasConfig, model, sequential, type ModelOptions, type Sequential } from './training/model.ts';
export type {
  CompileOptions,
  EngineInfo,
  EvaluateOptions,
  Evaluation,
  FitOptions,
  SequentialOptions,
} from './training/options.ts';
export type { BatchLogs, Callbacks } from './training/fit.ts';
export type { EpochLogs, History } from './training/history.ts';
export type { ImageData, LabelData, Loss } from './training/examples.ts';
export { decodeModel, encodeModel } from './training/modelFile.ts';
export { NETWORKS, networkPreset, type NetworkOptions, type NetworkPreset } from './networks/registry.ts';
export { tutorialNetwork } from './networks/tutorial.ts';
export type { Dataset, TrainTestSplit } from './data/dataset.ts';
export { generateShapes } from './data/shapes.ts';
export { DataError, EngineError, FormatError, OptionError, SimdnetError, TrainingError } from './errors.ts';
export type { Tier } from './engine/tier.ts';
export type { ConvolutionChoice } from './nn/layers/convolutionAlgorithm.ts';
export { engine, type EngineAbilities } from './engine/info.ts';
