/** What `import … from 'simdnet'` gives in Node. */
export * from './portable.ts';
export { loadCheckpoint, saveCheckpoint } from './training/checkpointOnDisk.ts';
export { loadModel, saveModel } from './training/modelOnDisk.ts';
export { readCifar10 } from './data/cifar10.ts';
export { locateCifar10 } from './data/locate.ts';
export { plotHistory } from './plot/historyPlot.ts';
