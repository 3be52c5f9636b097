import { describe, expect, it } from 'vitest';
import { tracksOf } from '../../src/browser/page/tracks.ts';

describe('the lines between layers', () => {
  it('are none for a chain', () => {
    expect(tracksOf([[], [0], [1], [2]])).toEqual([]);
  });

  it('lead around the layers of a block', () => {
    // Row 3 adds what row 0 hands on beside the layers between them.
    const tracks = tracksOf([[], [0], [1], [2, 0], [3]]);
    expect(tracks).toEqual([
      { above: false, below: true, opens: [1], closes: [], passes: [] },
      { above: true, below: true, opens: [], closes: [], passes: [1] },
      { above: true, below: true, opens: [], closes: [], passes: [1] },
      { above: true, below: true, opens: [], closes: [1], passes: [] },
      { above: true, below: false, opens: [], closes: [], passes: [] },
    ]);
  });

  it('break where a row does not take the one above, and take a lane that is free again', () => {
    // Two ways from row 0: through 1, and through 2; then the same from row 3.
    const tracks = tracksOf([[], [0], [0], [1, 2], [3], [3], [4, 5]]);
    expect(tracks[1]).toMatchObject({ below: false, opens: [2], passes: [1] });
    expect(tracks[2]).toMatchObject({ above: false, closes: [1], passes: [2] });
    expect(tracks[3]).toMatchObject({ above: true, closes: [2], opens: [1] });
    expect(tracks[6]).toMatchObject({ closes: [2] });
  });

  it('are left out where there would be too many', () => {
    const many = Array.from({ length: 40 }, (_, row) => Array.from({ length: row }, (__, source) => source));
    const lanes = tracksOf(many).flatMap(({ opens }) => opens);
    expect(Math.max(...lanes)).toBe(6);
  });
});
