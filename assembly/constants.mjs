/**
 * Vector constants, moved into memory. V8 builds a `v128.const` from three or four instructions wherever it is used, which takes as
 * long as what is done with it; from memory it is one load. A few in a function stay in registers, which is better still, and
 * what is zero or all ones is cheapest where it is.
 */
import binaryen from 'assemblyscript/binaryen';

const CONSTANT = /\(v128\.const i32x4 (0x[0-9a-f]+) (0x[0-9a-f]+) (0x[0-9a-f]+) (0x[0-9a-f]+)\)/g;
const CHEAP = new Set(['0x00000000', '0xffffffff']);

/** The address of the first: whoever reads through a null pointer finds nothing of use. */
const START = 16;

/**
 * @param binary  a module that keeps nothing below `end`
 * @param few  functions with at most so many constants keep them
 * @returns the module with its constants below `end`
 * @throws Error if there are more constants than room
 */
export function moveConstants(binary, { end, few }) {
  const module = binaryen.readBinary(binary);
  const features = module.getFeatures();
  const places = new Map();
  const text = module
    .emitText()
    .split(/^(?= \(func )/m)
    .map((part) => {
      const constants = new Set([...part.matchAll(CONSTANT)].map(splatOf));
      if (constants.size - constants.has(undefined) <= few) return part;
      return part.replace(CONSTANT, (...match) => {
        const lane = splatOf(match);
        if (lane === undefined) return match[0];
        if (!places.has(lane)) places.set(lane, START + 4 * places.size);
        return `(v128.load32_splat (i32.const ${places.get(lane)}))`;
      });
    })
    .join('');
  module.dispose();
  if (START + 4 * places.size > end) {
    throw new Error(`${places.size} constants do not fit below address ${end}: raise memoryBase.`);
  }
  const bytes = [...places.keys()].map(escaped).join('');
  const moved = binaryen.parseText(text.replace(/\)\s*$/, `(data (i32.const ${START}) "${bytes}"))`));
  moved.setFeatures(features);
  const output = moved.emitBinary();
  moved.dispose();
  return output;
}

/** What all four lanes of a constant are, if it is worth being moved. */
function splatOf([, lane, ...others]) {
  return CHEAP.has(lane) || others.slice(0, 3).some((other) => other !== lane) ? undefined : lane;
}

/** The four bytes of 0x…, little-endian, as text has them. */
function escaped(lane) {
  return [8, 6, 4, 2].map((i) => `\\${lane.slice(i, i + 2)}`).join('');
}
