/** The operators that are computed when a file is read, if all their inputs are constants. */
import type { Site } from '../site.ts';
import type { Constant } from '../value.ts';
import { arithmetic } from './arithmetic.ts';
import { creation } from './creation.ts';
import { movement } from './movement.ts';
import { reduction } from './reduction.ts';

export const FOLDING: ReadonlyMap<string, (site: Site) => Constant> = new Map(
  [creation, movement, arithmetic, reduction].flatMap((family) => Object.entries(family)),
);
