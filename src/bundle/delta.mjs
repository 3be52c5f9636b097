/** Bytes as edits of other bytes; src/platform/edits.ts carries them out. */

/** So many bytes that are the same in both are worth a copy. */
const LEAST = 8;

/**
 * What makes `source` into `target`: bytes to insert and parts of the source to copy, in turn. Numbers are little-endian, seven
 * bits a byte: how many bytes to insert, the bytes; how far the copy begins from where the last one ended, zigzag; its length.
 */
export function editsOf(source, target) {
  const places = placesIn(source);
  const edits = [];
  let [at, from, inserted] = [0, 0, 0];
  while (at < target.length) {
    const best = longest(source, target, at, [
      from + (at - inserted),
      ...(places.get(keyAt(target, at)) ?? []),
    ]);
    if (best.length < LEAST) {
      at++;
      continue;
    }
    edits.push(...number(at - inserted), ...target.subarray(inserted, at));
    const jump = best.begin - from;
    edits.push(...number(jump < 0 ? -2 * jump - 1 : 2 * jump), ...number(best.length));
    at += best.length;
    from = best.begin + best.length;
    inserted = at;
  }
  edits.push(...number(at - inserted), ...target.subarray(inserted, at));
  return Uint8Array.from(edits);
}

/** Of copies that are equally long, the one that begins where the last one ended, or as many bytes on as were inserted. */
function longest(source, target, at, candidates) {
  let best = { begin: 0, length: 0 };
  for (const begin of candidates) {
    let length = 0;
    while (
      at + length < target.length &&
      begin + length < source.length &&
      source[begin + length] === target[at + length]
    )
      length++;
    if (length > best.length) best = { begin, length };
  }
  return best;
}

function placesIn(source) {
  const places = new Map();
  for (let at = 0; at + LEAST <= source.length; at++) {
    const key = keyAt(source, at);
    if (places.has(key)) places.get(key).push(at);
    else places.set(key, [at]);
  }
  return places;
}

function keyAt(bytes, at) {
  return bytes.toString('latin1', at, at + LEAST);
}

function number(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}
