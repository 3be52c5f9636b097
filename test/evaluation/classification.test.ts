import { describe, expect, it } from 'vitest';
import {
  classify,
  confusionMatrix,
  imagesInCell,
  ranking,
  worstMistakes,
} from '../../src/evaluation/classification.ts';

// Five images in three classes.
const probabilities = Float32Array.of(
  0.5,
  0.25,
  0.25,
  0,
  0.75,
  0.25,
  0.625,
  0.25,
  0.125,
  0,
  0,
  1,
  0.25,
  0.5,
  0.25,
);
const labels = Uint8Array.of(0, 1, 1, 2, 0);
const classified = classify(probabilities, 3);

describe('classification', () => {
  it('takes the likeliest class, the first of equals', () => {
    expect([...classified.predicted]).toEqual([0, 1, 0, 2, 1]);
    expect([...classified.confidence]).toEqual([0.5, 0.75, 0.625, 1, 0.5]);
    expect([...classify(Float32Array.of(0.5, 0.5), 2).predicted]).toEqual([0]);
  });

  it('counts what is taken for what, the classes in rows and the answers in columns', () => {
    expect(confusionMatrix(Uint8Array.of(0, 1, 1, 2, 0, 2), Uint8Array.of(0, 1, 0, 2, 0, 1), 3)).toEqual([
      [2, 0, 0],
      [1, 1, 0],
      [0, 1, 1],
    ]);
  });

  it('finds the images of a cell', () => {
    expect(imagesInCell(labels, classified, 1, 0)).toEqual([2]);
    expect(imagesInCell(labels, classified, 2, 0)).toEqual([]);
    const twice = classify(Float32Array.of(0.25, 0.75, 0.125, 0.875), 2);
    expect(imagesInCell(Uint8Array.of(0, 0), twice, 0, 1)).toEqual([1, 0]);
  });

  it('lists the wrong answers, the surest first', () => {
    expect(worstMistakes(labels, classified, 10)).toEqual([2, 4]);
    expect(worstMistakes(labels, classified, 1)).toEqual([2]);
  });

  it('ranks classes', () => {
    expect(ranking([0.25, 0.5, 0.25], 2)).toEqual([
      { label: 1, probability: 0.5 },
      { label: 0, probability: 0.25 },
    ]);
  });
});
