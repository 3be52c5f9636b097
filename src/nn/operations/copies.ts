/** Values from one view to another. */
import { call } from '../../engine/call.ts';
import type { Instruction } from '../../engine/program.ts';
import { isCompact, place, type View } from '../view.ts';

/** Copies values between views of one shape, whatever lies between their pixels. */
export function copyView(label: string, from: View, to: View, count: number): Instruction {
  return call('copyView', label, count * to.height, {
    ...place('source', from),
    sourcePixel: from.pixel,
    ...place('target', to),
    targetPixel: to.pixel,
    height: to.height,
    width: to.width,
    channels: to.channels,
  });
}

/** Copies values to memory of another shape; one of both sides is compact, and so can be seen in the other's shape. */
export function copyReshaped(label: string, from: View, to: View, count: number): Instruction {
  const view = isCompact(from) ? to : from;
  const as = ({ address, image }: View): View => ({
    ...view,
    address,
    image,
    row: view.width * view.channels * 4,
    pixel: view.channels * 4,
  });
  return copyView(label, from === view ? from : as(from), to === view ? to : as(to), count);
}

/** target += source */
export function addInto(label: string, source: View, target: View, count: number): Instruction {
  return call('addInto', label, count * target.height, {
    ...place('source', source),
    ...place('target', target),
    height: target.height,
    length: target.width * target.channels,
  });
}

/** output = a + sign · b; `output` may be one of them. */
export function addViews(
  label: string,
  a: View,
  b: View,
  output: View,
  count: number,
  sign: 1 | -1 = 1,
): Instruction {
  return call('addViews', label, count * output.height, {
    ...place('a', a),
    ...place('b', b),
    ...place('output', output),
    height: output.height,
    length: output.width * output.channels,
    sign,
  });
}
