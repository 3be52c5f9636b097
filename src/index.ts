/** What `import … from 'simdnet'` gives in Node. */
export * from './portable.ts';
export { loadCheckpoint, saveCheckpoint } from './training/checkpointOnDisk.ts';
export { saveModel } from './training/modelOnDisk.ts';
export { loadModel } from './exchange/loadModel.ts';
export { recipe, RECIPES } from './recipes/registry.ts';
export type { Recipe, RecipePlan, RecipeTask } from './recipes/recipe.ts';
export {
  evaluateViews,
  predictViews,
  SIX_VIEWS,
  type View,
  type ViewOptions,
  type ViewsEvaluation,
} from './recipes/views.ts';
export { readCifar10 } from './data/cifar10.ts';
export { locateCifar10 } from './data/locate.ts';
export { plotHistory } from './plot/historyPlot.ts';
export { csvLogger, type CsvLoggerOptions } from './training/callbacks/onDisk/csvLogger.ts';
export { jsonLinesLogger, type JsonLinesLoggerOptions } from './training/callbacks/onDisk/jsonLinesLogger.ts';
export {
  modelCheckpoint,
  type ModelCheckpoint,
  type ModelCheckpointOptions,
} from './training/callbacks/onDisk/modelCheckpoint.ts';
export { tensorBoard, type TensorBoardOptions } from './training/callbacks/onDisk/tensorBoard.ts';
export {
  classificationReport,
  type ClassificationReport,
  type ClassificationReportOptions,
  type Mistake,
} from './evaluation/classificationReport.ts';
export type { Calibration, CalibrationBin } from './evaluation/calibration.ts';
export type { ClassMetrics, Scores } from './evaluation/classMetrics.ts';
