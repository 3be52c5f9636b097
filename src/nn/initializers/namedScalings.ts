/** The usual ways to scale random weights by how many inputs and outputs a unit has. */
import type { InitializerConfig, InitializerDefinition, SeedOptions } from './initializer.ts';
import { namedScaling, type Scaling } from './varianceScaling.ts';

const truncated = (scale: number, mode: Scaling['mode']): Scaling => {
  return { scale, mode, distribution: 'truncatedNormal' };
};
const uniform = (scale: number, mode: Scaling['mode']): Scaling => {
  return { scale, mode, distribution: 'uniform' };
};

export const glorotUniformDefinition = namedScaling('glorotUniform', uniform(1, 'fanAvg'));
export const glorotNormalDefinition = namedScaling('glorotNormal', truncated(1, 'fanAvg'));
export const heUniformDefinition = namedScaling('heUniform', uniform(2, 'fanIn'));
export const heNormalDefinition = namedScaling('heNormal', truncated(2, 'fanIn'));
export const lecunUniformDefinition = namedScaling('lecunUniform', uniform(1, 'fanIn'));
export const lecunNormalDefinition = namedScaling('lecunNormal', truncated(1, 'fanIn'));

const factory =
  (definition: InitializerDefinition) =>
  (options: SeedOptions = {}): InitializerConfig =>
    definition.configure(options);

/** Uniform within ±√(6 / (fanIn + fanOut)) (Glorot & Bengio 2010); what kernels begin with by default. */
export const glorotUniform = factory(glorotUniformDefinition);
/** Normal with variance 2 / (fanIn + fanOut), cut at two deviations. */
export const glorotNormal = factory(glorotNormalDefinition);
/** Uniform within ±√(6 / fanIn) (He et al. 2015), for layers that ReLU follows. */
export const heUniform = factory(heUniformDefinition);
/** Normal with variance 2 / fanIn, cut at two deviations. */
export const heNormal = factory(heNormalDefinition);
/** Uniform within ±√(3 / fanIn), for layers that SELU follows. */
export const lecunUniform = factory(lecunUniformDefinition);
/** Normal with variance 1 / fanIn, cut at two deviations. */
export const lecunNormal = factory(lecunNormalDefinition);
