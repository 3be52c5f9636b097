import { describe, expect, it } from 'vitest';
import { Gate } from '../../src/browser/trainer/gate.ts';
import { ProgressMeter } from '../../src/browser/trainer/progressMeter.ts';

describe('the progress meter', () => {
  /** Two epochs of 4 steps of 10 images, each of which takes 100 ms, then a validation of 30 images in 100 ms. */
  function run(steps: number): { meter: ProgressMeter; now: () => number } {
    let time = 5000;
    const meter = new ProgressMeter({
      epochs: 2,
      trainImages: 40,
      validationImages: 30,
      operations: 1e6,
      now: () => time,
    });
    let done = 0;
    for (let epoch = 0; epoch < 2; epoch++) {
      if (done === steps) break;
      meter.beginEpoch(epoch);
      for (let step = 0; step < 4 && done < steps; step++, done++) {
        time += 100;
        // The step's own loss is 8 − step, and so many of its ten images are right.
        const losses = Array.from({ length: step + 1 }, (_, i) => 8 - i);
        const seen = 10 * (step + 1);
        const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
        const correct = losses.reduce((sum, _, i) => sum + i, 0);
        meter.trained({ seen, total: 40, loss, accuracy: correct / seen });
      }
      if (done === 4 * (epoch + 1)) {
        time += 100;
        meter.validated({ seen: 30, total: 30, loss: 1, accuracy: 0 });
      }
    }
    return { meter, now: () => time };
  }

  it('tells the values of each step from the averages', () => {
    const { meter } = run(6);
    const steps = meter.takeSteps();
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    [8, 7, 6, 5, 8, 7].forEach((loss, i) => {
      expect(steps[i]!.loss).toBeCloseTo(loss, 10);
    });
    expect(steps.map(({ accuracy }) => accuracy)).toEqual([0, 0.1, 0.2, 0.3, 0, 0.1]);
    expect(meter.takeSteps()).toEqual([]);
  });

  it('measures the speed of training without validation', () => {
    const { meter } = run(8);
    expect(meter.imagesPerSecond).toBeCloseTo(100, 6);
    const { imagesPerSecond, gflops } = run(7).meter.progress();
    expect(imagesPerSecond).toBeCloseTo(100, 6);
    expect(gflops).toBeCloseTo(0.1, 6);
  });

  it('counts validation as a third of the work of training, and knows the time left', () => {
    // Half of the work is done after the first epoch: 500 ms of 1000.
    const { share, secondsLeft, phase, epoch, epochs } = run(4).meter.progress();
    expect({ share, phase, epoch, epochs }).toEqual({ share: 0.5, phase: 'validating', epoch: 0, epochs: 2 });
    expect(secondsLeft).toBeCloseTo(0.5, 6);
    expect(run(2).meter.progress()).toMatchObject({ share: 0.2, seen: 20, total: 40, phase: 'training' });
    expect(run(8).meter.progress()).toMatchObject({ share: 1, secondsLeft: 0 });
  });
});

describe('the gate', () => {
  it('holds while it is closed, with its clock', async () => {
    const gate = new Gate();
    await gate.pass();
    const before = gate.now();
    gate.close();
    const closedAt = gate.now();
    let passed = false;
    const pass = gate.pass().then(() => (passed = true));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(passed).toBe(false);
    expect(gate.now()).toBe(closedAt);
    gate.open();
    await pass;
    expect(gate.now() - before).toBeLessThan(50);
  });
});
