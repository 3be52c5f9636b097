/** What `import … from 'simdnet'` gives in browsers, and in Node too: all that needs no disk. */
export { conv2d, dense, flatten, maxPooling2d, type LayerSpec } from './nn/spec.ts';
export { activation, leakyReLU, reLU } from './nn/layers/activation.ts';
export { averagePooling2d } from './nn/layers/averagePooling2d.ts';
export { batchNormalization } from './nn/layers/batchNormalization.ts';
export { concatenate } from './nn/layers/concatenate.ts';
export { cropping2d } from './nn/layers/cropping2d.ts';
export { cutout } from './nn/layers/cutout.ts';
export { depthwiseConv2d } from './nn/layers/depthwiseConv2d.ts';
export { dropout, spatialDropout2d } from './nn/layers/dropout.ts';
export { globalAveragePooling2d } from './nn/layers/globalAveragePooling2d.ts';
export { globalMaxPooling2d } from './nn/layers/globalMaxPooling2d.ts';
export { add, multiply, subtract } from './nn/layers/merge.ts';
export { mixUp } from './nn/layers/mixUp.ts';
export { channelMoments, normalization, type ChannelMoments } from './nn/layers/normalization.ts';
export { randomBrightness, randomContrast, randomSaturation } from './nn/layers/randomColour.ts';
export { randomFlip } from './nn/layers/randomFlip.ts';
export { randomRotation } from './nn/layers/randomRotation.ts';
export { randomTranslation } from './nn/layers/randomTranslation.ts';
export { randomZoom } from './nn/layers/randomZoom.ts';
export { rescaling } from './nn/layers/rescaling.ts';
export { reshape } from './nn/layers/reshape.ts';
export { separableConv2d } from './nn/layers/separableConv2d.ts';
export { softmax } from './nn/layers/softmax.ts';
export { upSampling2d } from './nn/layers/upSampling2d.ts';
export { zeroPadding2d } from './nn/layers/zeroPadding2d.ts';
export { input, type SymbolicTensor } from './nn/symbolic.ts';
export { adam, type AdamConfig } from './nn/optimizers/adam.ts';
export { adamw, type AdamWConfig } from './nn/optimizers/adamw.ts';
export { lion, type LionConfig } from './nn/optimizers/lion.ts';
export { muon, type MuonConfig } from './nn/optimizers/muon.ts';
export { rmsprop, type RmspropConfig } from './nn/optimizers/rmsprop.ts';
export { sgd, type SgdConfig } from './nn/optimizers/sgd.ts';
export type { OptimizerConfig } from './nn/optimizers/optimizer.ts';
export { cosineDecay } from './nn/schedules/cosineDecay.ts';
export { exponentialDecay } from './nn/schedules/exponentialDecay.ts';
export { oneCycle } from './nn/schedules/oneCycle.ts';
export { piecewiseConstantDecay } from './nn/schedules/piecewiseConstantDecay.ts';
export { polynomialDecay } from './nn/schedules/polynomialDecay.ts';
export {
  categoricalCrossentropy,
  sparseCategoricalCrossentropy,
} from './nn/losses/categoricalCrossentropy.ts';
export { binaryCrossentropy } from './nn/losses/binaryCrossentropy.ts';
export type { LossConfig } from './nn/losses/loss.ts';
export { huber, meanAbsoluteError, meanSquaredError } from './nn/losses/regression.ts';
export { binaryAccuracy, topKCategoricalAccuracy } from './nn/metrics/accuracy.ts';
export { precision, recall } from './nn/metrics/counts.ts';
export { l1, l1l2, l2 } from './nn/regularizers.ts';
export type { Tensor } from './nn/parameters.ts';
export {
  fromKerasConfig,
  lossFromKerasConfig,
  model,
  modelFromJSON,
  optimizerFromKerasConfig,
  sequential,
  type ModelOptions,
} from './training/factories.ts';
export type { Gradients, Model } from './training/model.ts';
export type {
  CheckpointCadence,
  CompileOptions,
  EngineInfo,
  EvaluateOptions,
  Evaluation,
  FitOptions,
  SequentialOptions,
} from './training/options.ts';
export type { BatchGenerator, GeneratedBatch } from './training/generatedBatches.ts';
export type { Callbacks, CallbackHooks, CallbackState } from './training/callbacks.ts';
export type { Checkpoint } from './training/checkpoint.ts';
export { decodeCheckpoint, encodeCheckpoint } from './training/checkpointFile.ts';
export {
  earlyStopping,
  type EarlyStopping,
  type EarlyStoppingOptions,
} from './training/callbacks/earlyStopping.ts';
export { reduceLROnPlateau, type ReduceLROnPlateauOptions } from './training/callbacks/reduceLROnPlateau.ts';
export type { BatchLogs } from './training/totals.ts';
export type { EpochLogs, History } from './training/history.ts';
export type { ImageData } from './training/examples.ts';
export type { StoredImages } from './data/storedImages.ts';
export type { WeightOptions } from './training/weights.ts';
export type { TargetData } from './training/targets.ts';
export { decodeModel, encodeModel } from './training/modelFile.ts';
export { importModel, type ImportOptions } from './exchange/importModel.ts';
export { exportModel } from './exchange/exportModel.ts';
export type { ExportedFile, ExportOptions } from './exchange/exported.ts';
export { NETWORKS, networkPreset, type NetworkOptions, type NetworkPreset } from './networks/registry.ts';
export { tutorialNetwork } from './networks/tutorial.ts';
export type { Dataset, TrainTestSplit } from './data/dataset.ts';
export { generateShapes } from './data/shapes.ts';
export { DataError, EngineError, FormatError, OptionError, SimdnetError, TrainingError } from './errors.ts';
export type { Tier } from './engine/tier.ts';
export type { ConvolutionChoice } from './nn/operations/convolutionAlgorithm.ts';
export { engine, type EngineAbilities } from './engine/info.ts';
