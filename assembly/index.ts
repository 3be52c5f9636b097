/** The ABI: every kernel takes pointers, dimensions and a share [begin, end) of its work, and keeps no state. */
export { bytesToFloats, copyFloats } from './images';
export { packFilter, packFilterTransposed } from './filter';
export { correlate } from './convolution';
export { conv2dBackwardFilter, denseBackwardKernel } from './filterGradient';
export { correlatePooled } from './pooledConvolution';
export { winogradCorrelate } from './winograd';
export { winogradFilter } from './winogradFilter';
export { winograd2x2CorrelatePooled, winograd2x2Filter } from './winograd2x2';
export { winogradBackwardFilter } from './winogradFilterGradient';
export { maxPool2dBackward, maxPool2dForward } from './pooling';
export { pooledBackwardFilter } from './pooledFilterGradient';
export { packFilterByOutput, pooledBackwardInput } from './pooledInputGradient';
export { reluBackward } from './activation';
export { softmaxCrossEntropy, softmaxForward } from './softmax';
export { sumMetrics, sumShards } from './reduce';
export { adam } from './adam';
export { barrier } from './barrier';

/** The first byte that the module does not use itself: the host's memory plan starts here. */
export function memoryStart(): usize {
  return __heap_base;
}
