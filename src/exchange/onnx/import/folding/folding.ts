import type { Site } from '../site.ts';
import type { Constant } from '../value.ts';

/** How operators are computed whose inputs are all constants, by name. */
export type Folding = Readonly<Record<string, (site: Site) => Constant>>;

/** A constant input. @throws FormatError if it is not there */
export function given(site: Site, at: number): Constant {
  const found = site.constant(at);
  if (found) return found;
  throw site.refused(`its input ${at} is not there: the file is damaged.`);
}
