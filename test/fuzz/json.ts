/** Mutations of JSON: of its values, and of its text. */
import { NUMBERS, type Choices } from './choices.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Values that are no part of the tree, because no tree can hold them or they would be too large: put in as text. */
const PLACE = 'text-of-a-mutation';

/** One to three mutations of a JSON text. @param other  a text of the same kind that parts may be taken from */
export function mutateJson(text: string, other: string, choices: Choices): string {
  let tree = JSON.parse(text) as Json;
  let raw = '0';
  const donor = placesIn(JSON.parse(other) as Json);
  for (let times = choices.amount(choices.of([1, 1, 3])); times > 0; times--) {
    const place = choices.of(placesIn(tree));
    const set = (value: Json): void => {
      if (place.parent) (place.parent as Record<string, Json>)[place.key] = value;
      else tree = value;
    };
    switch (choices.below(12)) {
      case 0:
      case 1:
      case 2:
        set(choices.of(NUMBERS));
        break;
      case 3:
        set(
          choices.of<Json>([
            null,
            true,
            false,
            '',
            'x',
            [],
            {},
            [[]],
            '\u001b[2J\u0000',
            'toString',
            'images',
          ]),
        );
        break;
      case 4:
        set(structuredClone(choices.of(donor).value));
        break;
      case 5:
        remove(place);
        break;
      case 6:
        // The same again and again: in a list as elements, in an object under other names.
        repeat(place, choices.of([2, 3, 100, 20_000]));
        break;
      case 7:
        set(PLACE);
        raw = nested(choices.of([1, 2, 60, 64, 65, 1000, 20_000, 200_000]), choices.of(['[]', '{}']));
        break;
      case 8:
        set(PLACE);
        raw = choices.of([
          '1e400',
          '-1e400',
          '1e-400',
          '0'.repeat(100),
          '9'.repeat(400),
          'NaN',
          '"\\ud800"',
          '"\\x"',
        ]);
        break;
      case 9:
        set(PLACE);
        raw = `[${'0,'.repeat(choices.of([10, 1000, 200_000]))}0]`;
        break;
      case 10:
        set('s'.repeat(choices.of([100, 10_000, 1_000_000])));
        break;
      default:
        rename(place, choices.of(['__proto__', 'constructor', 'name', 'inputs', 'x'.repeat(1000)]));
    }
  }
  const mutated = JSON.stringify(tree).replace(`"${PLACE}"`, () => raw);
  return choices.oneIn(20) ? twice(mutated, choices) : mutated;
}

interface Place {
  readonly value: Json;
  readonly parent: Json[] | Record<string, Json> | undefined;
  readonly key: string;
}

/** Every value, with the list or object it is in. */
function placesIn(tree: Json): Place[] {
  const places: Place[] = [{ value: tree, parent: undefined, key: '' }];
  for (let i = 0; i < places.length && places.length < 20_000; i++) {
    const { value } = places[i]!;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, each] of Object.entries(value)) places.push({ value: each, parent: value, key });
  }
  return places;
}

function remove({ parent, key }: Place): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (parent) Reflect.deleteProperty(parent, key);
}

function repeat({ parent, key, value }: Place, times: number): void {
  // What is large is not repeated often.
  const most = Math.min(times, 1 + Math.floor(2e6 / (JSON.stringify(value).length + 1)));
  // Each for itself: a large value that is set into one of them is not to be in all.
  const copies = Array.from({ length: most }, () => structuredClone(value));
  if (Array.isArray(parent)) parent.splice(Number(key), 0, ...copies);
  else if (parent) copies.forEach((copy, i) => (parent[`${key}_${i}`] = copy));
}

function rename({ parent, key, value }: Place, name: string): void {
  if (!parent || Array.isArray(parent)) return;
  Reflect.deleteProperty(parent, key);
  // As an own property, whatever it is called.
  Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true });
}

function nested(depth: number, [open, close]: string): string {
  return open === '{'
    ? '{"a":'.repeat(depth) + '0' + '}'.repeat(depth)
    : open!.repeat(depth) + close!.repeat(depth);
}

/** With one of its keys a second time, or with brackets that do not match. */
function twice(text: string, choices: Choices): string {
  const at = text.indexOf('{', choices.below(text.length)) + 1;
  if (at === 0) return `${text}]`;
  const key = /^"[^"]*":/.exec(text.slice(at, at + 200))?.[0];
  return key ? `${text.slice(0, at)}${key}1,${text.slice(at)}` : text.slice(0, at) + text.slice(at + 1);
}
