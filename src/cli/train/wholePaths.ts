import { resolve } from 'node:path';
import { NETWORKS } from '../../networks/registry.ts';
import type { TrainValues } from './surroundings.ts';

/** The options with paths that mean the same wherever the run is gone on with. */
export function withWholePaths(values: TrainValues): TrainValues {
  const { dataDir, init, from, tensorboard, network } = values;
  const whole = (path: string | undefined): string | undefined => path && resolve(path);
  return {
    ...values,
    dataDir: whole(dataDir),
    init: whole(init),
    from: whole(from),
    tensorboard: whole(tensorboard),
    network: NETWORKS.some(({ name }) => name === network) ? network : whole(network),
  };
}
