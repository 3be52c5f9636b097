/** What `import … from 'simdnet'` gives in browsers, and in Node too: all that needs no disk. */
export { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from './nn/spec.ts';
export { activation, leakyReLU, reLU } from './nn/layers/activation.ts';
export { averagePooling2d } from './nn/layers/averagePooling2d.ts';
export { batchNormalization } from './nn/layers/batchNormalization.ts';
export { concatenate } from './nn/layers/concatenate.ts';
export { cropping2d } from './nn/layers/cropping2d.ts';
export { depthwiseConv2d } from './nn/layers/depthwiseConv2d.ts';
export { dropout, spatialDropout2d } from './nn/layers/dropout.ts';
export { globalAveragePooling2d } from './nn/layers/globalAveragePooling2d.ts';
export { globalMaxPooling2d } from './nn/layers/globalMaxPooling2d.ts';
export { add, multiply, subtract } from './nn/layers/merge.ts';
export { channelMoments, normalization, type ChannelMoments } from './nn/layers/normalization.ts';
export { rescaling } from './nn/layers/rescaling.ts';
export { reshape } from './nn/layers/reshape.ts';
export { separableConv2d } from './nn/layers/separableConv2d.ts';
export { softmax } from './nn/layers/softmax.ts';
export { upSampling2d } from './nn/layers/upSampling2d.ts';
export { zeroPadding2d } from './nn/layers/zeroPadding2d.ts';
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
export { tutorialNetwork } from './training/tutorial.ts';
export type { Dataset, TrainTestSplit } from './data/dataset.ts';
export { generateShapes } from './data/shapes.ts';
export { DataError, EngineError, FormatError, OptionError, SimdnetError, TrainingError } from './errors.ts';
export type { Tier } from './engine/tier.ts';
export type { ConvolutionChoice } from './nn/layers/convolutionAlgorithm.ts';
export { engine, type EngineAbilities } from './engine/info.ts';
