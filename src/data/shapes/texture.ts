/** Patterns that cover a surface, so that no pixel's colour gives a shape away. */
import type { RandomStream } from '../../random.ts';

/** The brightness, about −1 to 1, at the pixel (x, y). */
export type Texture = (x: number, y: number) => number;

/** A direction drawn uniformly from the unit circle: [cosine, sine]. Exact to the last bit on every engine. */
export function randomDirection(random: RandomStream): readonly [number, number] {
  for (;;) {
    const x = 2 * random.uniform() - 1;
    const y = 2 * random.uniform() - 1;
    const squared = x * x + y * y;
    if (squared > 1e-3 && squared <= 1) {
      const length = Math.sqrt(squared);
      return [x / length, y / length];
    }
  }
}

/** A uniform number in [low, high). */
export function between(random: RandomStream, low: number, high: number): number {
  return low + (high - low) * random.uniform();
}

/** One of the textures, of random scale, direction and phase, for a surface of `side` × `side` pixels. */
export function randomTexture(random: RandomStream, side: number): Texture {
  switch (random.below(4)) {
    case 0:
      return stripes(random);
    case 1:
      return checks(random);
    default:
      // As often as the others together: they are the most like a photograph.
      return blotches(random, side);
  }
}

/** Random brightness at the points of a coarse grid, smooth in between. */
export function blotches(random: RandomStream, side: number): Texture {
  const cell = between(random, 3, 10);
  const columns = Math.ceil(side / cell) + 2;
  const grid = Float64Array.from({ length: columns * columns }, () => between(random, -1, 1));
  return (x, y) => {
    const column = Math.floor(x / cell);
    const row = Math.floor(y / cell);
    const right = ease(x / cell - column);
    const down = ease(y / cell - row);
    const at = row * columns + column;
    const above = grid[at]! + (grid[at + 1]! - grid[at]!) * right;
    const below = grid[at + columns]! + (grid[at + columns + 1]! - grid[at + columns]!) * right;
    return above + (below - above) * down;
  };
}

function stripes(random: RandomStream): Texture {
  const [cosine, sine] = randomDirection(random);
  const period = between(random, 4, 14);
  const phase = random.uniform();
  return (x, y) => wave((x * cosine + y * sine) / period + phase);
}

function checks(random: RandomStream): Texture {
  const [cosine, sine] = randomDirection(random);
  const period = between(random, 6, 16);
  const phase = random.uniform();
  return (x, y) =>
    wave((x * cosine + y * sine) / period + phase) * wave((y * cosine - x * sine) / period + phase);
}

/** A triangle wave of period 1 from −1 to 1. */
function wave(t: number): number {
  return 4 * Math.abs(t - Math.floor(t) - 0.5) - 1;
}

/** The smooth step from 0 to 1. */
function ease(t: number): number {
  return t * t * (3 - 2 * t);
}
