/**
 * The ten shapes, as signed distances: how far a point is from the outline, negative inside. Each shape lies within
 * about the unit circle, and no two become alike by turning (as a square and a diamond would).
 *
 * Only + − × ÷ and the square root are used, which IEEE 754 defines to the last bit: Math.sin and its like may differ
 * between engines, and every engine is to draw the same bytes. Constants of the circle are therefore written out.
 * The distances follow https://iquilezles.org/articles/distfunctions2d/.
 */

/** The signed distance from the outline to the point (x, y), y pointing down. */
export type Distance = (x: number, y: number) => number;

export interface Outline {
  readonly name: string;
  readonly distance: Distance;
}

/** By class index. */
export const outlines: readonly Outline[] = [
  { name: 'circle', distance: (x, y) => length(x, y) - 0.85 },
  { name: 'square', distance: polygon([-0.78, -0.78, 0.78, -0.78, 0.78, 0.78, -0.78, 0.78]) },
  { name: 'triangle', distance: polygon([0, -1.05, 0.91, 0.525, -0.91, 0.525]) },
  { name: 'star', distance: polygon(starCorners(1.1, 0.44)) },
  {
    name: 'cross',
    distance: polygon([
      ...[-0.28, -1, 0.28, -1, 0.28, -0.28, 1, -0.28, 1, 0.28, 0.28, 0.28],
      ...[0.28, 1, -0.28, 1, -0.28, 0.28, -1, 0.28, -1, -0.28, -0.28, -0.28],
    ]),
  },
  { name: 'ring', distance: (x, y) => Math.abs(length(x, y) - 0.73) - 0.19 },
  { name: 'bars', distance: (x, y) => bar(x, Math.abs(y) - 0.52) },
  { name: 'crescent', distance: (x, y) => Math.max(length(x, y) - 0.98, 0.82 - length(x - 0.5, y)) },
  { name: 'dots', distance: dots },
  {
    name: 'hourglass',
    distance: polygon([-0.72, -0.92, 0.72, -0.92, 0.1, 0, 0.72, 0.92, -0.72, 0.92, -0.1, 0]),
  },
];

function length(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

/** The corners of a five-pointed star, x then y, from the tip and on clockwise. */
function starCorners(outer: number, inner: number): number[] {
  const sine = [0, 0.5877852522924731, 0.9510565162951535, 0.9510565162951535, 0.5877852522924731];
  const cosine = [1, 0.8090169943749475, 0.30901699437494745, -0.30901699437494745, -0.8090169943749475];
  return Array.from({ length: 10 }, (_, corner) => {
    // Steps of 36°: the second half circle is the first one negated.
    const sign = corner < 5 ? 1 : -1;
    const radius = corner % 2 === 0 ? outer : inner;
    return [sign * radius * sine[corner % 5]!, -sign * radius * cosine[corner % 5]!];
  }).flat();
}

/** A polygon, convex or not, from its corners: x, y, x, y, … */
function polygon(corners: readonly number[]): Distance {
  return (x, y) => {
    let squared = Infinity;
    let inside = false;
    let fromX = corners.at(-2)!;
    let fromY = corners.at(-1)!;
    for (let i = 0; i < corners.length; i += 2) {
      const toX = corners[i]!;
      const toY = corners[i + 1]!;
      const edgeX = fromX - toX;
      const edgeY = fromY - toY;
      const pointX = x - toX;
      const pointY = y - toY;
      const along = (pointX * edgeX + pointY * edgeY) / (edgeX * edgeX + edgeY * edgeY);
      const nearest = along < 0 ? 0 : along > 1 ? 1 : along;
      const awayX = pointX - edgeX * nearest;
      const awayY = pointY - edgeY * nearest;
      squared = Math.min(squared, awayX * awayX + awayY * awayY);
      // Inside if a ray to the side crosses an odd number of edges.
      const crosses = y >= toY === y < fromY && edgeX * pointY > edgeY * pointX === y >= toY;
      if (crosses) inside = !inside;
      fromX = toX;
      fromY = toY;
    }
    return inside ? -Math.sqrt(squared) : Math.sqrt(squared);
  };
}

/** A bar along the x axis around the origin. */
function bar(x: number, y: number): number {
  const right = Math.abs(x) - 0.85;
  const down = Math.abs(y) - 0.24;
  return length(Math.max(right, 0), Math.max(down, 0)) + Math.min(Math.max(right, down), 0);
}

/** Three discs on the corners of an equilateral triangle. */
function dots(x: number, y: number): number {
  const top = length(x, y + 0.7);
  const bottom = length(Math.abs(x) - 0.606, y - 0.35);
  return Math.min(top, bottom) - 0.36;
}
