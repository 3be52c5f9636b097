import { generateShapes, shapesClassNames } from '../../data/shapes.ts';
import { shapesChannels, shapesSide } from '../../data/shapes/render.ts';
import { OptionError } from '../../errors.ts';
import type { DatasetDefinition } from './definition.ts';

/** Which shapes are drawn does not depend on `--seed`: runs with different seeds are to differ in the training only. */
const SHAPES_SEED = 0;

const SOURCE = 'drawn by simdnet';

export const shapesDataset: DatasetDefinition = {
  name: 'shapes',
  describe: 'drawn by simdnet itself',
  check: ({ dataDir }) => {
    if (dataDir !== undefined)
      throw new OptionError('--data-dir is not for --dataset shapes: they are not read from files.');
  },
  task: () =>
    Promise.resolve({
      name: 'shapes',
      inputShape: [shapesSide, shapesSide, shapesChannels],
      classes: shapesClassNames.length,
      classNames: shapesClassNames,
    }),
  loadSplit: () =>
    Promise.resolve({ ...generateShapes({ seed: SHAPES_SEED }), source: SOURCE, testPlace: SOURCE }),
  loadTest: () =>
    Promise.resolve({ test: generateShapes({ seed: SHAPES_SEED, trainCount: 1 }).test, source: SOURCE }),
};
