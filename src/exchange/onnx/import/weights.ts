/** Constants as the weights of layers. */
import type { Site } from './site.ts';
import type { Constant } from './value.ts';

/** The values in 32 bits, which may be those of the file itself. */
export function floats(site: Site, { data }: Constant): Float32Array {
  site.graph.charge(data.length);
  if (data instanceof Float32Array) return data;
  return Float32Array.from(data, (element) => site.number(element));
}
