/** Constants in engine memory, written by the program itself. */
import { call } from '../../engine/call.ts';
import { offsetBy, type Address } from '../../engine/pointer.ts';
import { together, type Instruction } from '../../engine/program.ts';

/**
 * Calls that write constants.
 * @param values  one for each of `count` float32, or one for all; their room is a multiple of 16 bytes
 */
export function constants(
  label: string,
  output: Address,
  values: readonly number[],
  count: number,
): readonly Instruction[] {
  const [first] = values as [number];
  const vectors = Math.ceil(count / 4);
  if (values.length === 1) return [store(label, output, values.concat(first, first, first), vectors)];
  return together(
    Array.from({ length: vectors }, (_, i) =>
      store(label, offsetBy(output, i * 16), values.slice(4 * i, 4 * i + 4), 1),
    ),
  );
}

function store(
  label: string,
  output: Address,
  [a = 0, b = 0, c = 0, d = 0]: readonly number[],
  vectors: number,
): Instruction {
  return call('storeConstants', label, vectors, { output, a, b, c, d });
}
