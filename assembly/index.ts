/** The ABI: every kernel takes pointers, dimensions and a share [begin, end) of its work, and keeps no state. */
export { bytesToFloats, copyFloats } from './images';
export { augmentColour } from './augmentation/colour';
export { augmentGeometry } from './augmentation/geometry';
export { mixNeighbours } from './augmentation/mixUp';
export { packFilter, packFilterTransposed } from './gemm/filter';
export { correlate } from './convolution/im2col/correlate';
export { conv2dBackwardFilter, denseBackwardKernel } from './convolution/im2col/filterGradient';
export { pointwiseCorrelate } from './convolution/pointwise/correlate';
export { pointwiseBackwardFilter } from './convolution/pointwise/filterGradient';
export { depthwiseBackwardFilter } from './convolution/depthwise/filterGradient';
export { depthwiseBackwardInput } from './convolution/depthwise/inputGradient';
export { depthwiseForward } from './convolution/depthwise/forward';
export { correlatePooled } from './convolution/pooled/correlate';
export { winogradCorrelate } from './convolution/winograd/correlate';
export { winogradFilter } from './convolution/winograd/filter';
export { winograd2x2CorrelatePooled, winograd2x2Filter } from './convolution/winograd2x2/correlatePooled';
export { winogradBackwardFilter } from './convolution/winograd/filterGradient';
export { averagePool2dBackward, averagePool2dForward } from './pooling/averagePooling';
export { globalAverageBackward, globalAverageForward } from './pooling/globalAverage';
export { globalMaxBackward, globalMaxForward } from './pooling/globalMax';
export { maxPool2dBackward, maxPool2dForward } from './pooling/maxPooling';
export { pooledBackwardFilter } from './convolution/pooled/filterGradient';
export { packFilterByOutput, pooledBackwardInput } from './convolution/pooled/inputGradient';
export { batchNormalizationInference, batchNormalizationTrain } from './normalization/coefficients';
export { batchNormalizationGradient, batchNormalizationSums } from './normalization/gradient';
export { batchNormalizationInput } from './normalization/inputGradient';
export { scaleShift } from './normalization/scaleShift';
export { channelStatistics } from './normalization/statistics';
export { upSampleBackward, upSampleForward } from './resampling/upSampling';
export { broadcastViews } from './elementwise/broadcast';
export { clearMargins, fillZero } from './elementwise/clear';
export { storeConstants } from './elementwise/constants';
export { multiplyBackwardBroadcast, reduceBroadcast } from './elementwise/reduceBroadcast';
export { addInto, addViews, copyView, scaleView } from './elementwise/views';
export { activationBackward, activationForward } from './activation/activation';
export { reluBackward } from './activation/relu';
export { softmaxRows, softmaxRowsBackward } from './activation/softmax';
export { softmaxCrossEntropy, softmaxCrossEntropyDense, softmaxForward } from './loss/softmaxCrossEntropy';
export { crossEntropy, crossEntropyDense } from './loss/crossEntropy';
export { binaryCrossEntropy, sigmoidCrossEntropy } from './loss/binaryCrossEntropy';
export { huber, meanAbsoluteError, meanSquaredError } from './loss/errors';
export {
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  topKCategoricalAccuracy,
} from './metrics/accuracy';
export { binaryAccuracy, countPositives } from './metrics/binary';
export { sumRows, sumShards } from './reduce';
export { dropout, spatialDropout } from './regularization/dropout';
export { addBlocks, averageBlocks, averageGradients } from './optimizer/accumulation';
export { adam } from './optimizer/adam';
export { clipScale, clipValues, scaleBlocks, sumSquares } from './optimizer/clipping';
export { decayWeights } from './optimizer/decayWeights';
export { lion } from './optimizer/lion';
export { muonDirection, muonPolynomial, muonScale, muonStep, transposeMatrix } from './optimizer/muon';
export { regularizationLoss, regularize } from './optimizer/regularization';
export { rmsprop } from './optimizer/rmsprop';
export { sgd } from './optimizer/sgd';
export { addPartials } from './optimizer/shards';
export { barrier } from './barrier';

/** The first byte that the module does not use itself, behind its constants (see constants.mjs): the host's memory plan starts here. */
export function memoryStart(): usize {
  return __heap_base;
}
