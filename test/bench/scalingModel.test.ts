import { describe, expect, it } from 'vitest';
import { forecastParts, speedUp, type Forecast } from '../../bench/commands/scalingForecast.ts';
import type { Table } from '../../bench/report.ts';
import { lossesIn, stepSecondsIn, type SharedCall } from '../../bench/scalingModel.ts';

const free = { dispatch: 0, barrier: 0 };

function call(items: number, seconds: number, meets = true): SharedCall {
  return { label: `call of ${items}`, kernel: 'kernel', items, seconds, bytes: 0, meets };
}

describe('a step in several threads', () => {
  it('takes as long as the largest share', () => {
    expect(stepSecondsIn(1, [call(16, 16), call(1, 3)], free)).toBe(19);
    expect(stepSecondsIn(4, [call(16, 16)], free)).toBe(4);
    // Of ten items, four threads have two or three.
    expect(stepSecondsIn(4, [call(10, 10)], free)).toBe(3);
    expect(stepSecondsIn(4, [call(1, 5)], free)).toBe(5);
    expect(stepSecondsIn(16, [call(16, 16), call(8, 16)], free)).toBe(1 + 2);
  });

  it('waits only where the threads meet', () => {
    // The second of two threads has the one item of both calls.
    expect(stepSecondsIn(2, [call(1, 5, false), call(1, 5)], free)).toBe(10);
    // The second thread has one item of the first call and two of the second, the first thread one of the second alone.
    expect(stepSecondsIn(2, [call(1, 1, false), call(3, 3)], free)).toBe(3);
    expect(stepSecondsIn(2, [call(1, 1), call(3, 3)], free)).toBe(1 + 2);
    expect(stepSecondsIn(2, [call(4, 4, false)], free)).toBe(2);
  });

  it('pays for each call and each meeting, for the latter as there are threads', () => {
    const costs = { dispatch: 1, barrier: 10 };
    const calls = [call(16, 16, false), call(16, 16)];
    expect(stepSecondsIn(1, calls, costs)).toBe(2 + 32);
    expect(stepSecondsIn(2, calls, costs)).toBe(2 + 16 + 10);
    expect(stepSecondsIn(8, calls, costs)).toBe(2 + 4 + 40);
  });
});

describe('a step in threads that share a memory', () => {
  const memory = { bandwidth: 10, threads: 2 };
  const streaming = (bytes: number, meets = true): SharedCall => ({ ...call(16, 16, meets), bytes });

  it('takes as long as its bytes do', () => {
    expect(stepSecondsIn(16, [streaming(30)], free, memory)).toBe(3);
    expect(stepSecondsIn(16, [streaming(5)], free, memory)).toBe(1);
    expect(stepSecondsIn(16, [streaming(30, false), streaming(20)], free, memory)).toBe(5);
  });

  it('is no slower than in the threads that the bandwidth was measured with', () => {
    expect(stepSecondsIn(2, [streaming(1000)], free, memory)).toBe(8);
    expect(stepSecondsIn(16, [streaming(1000)], free, memory)).toBe(8);
  });
});

describe('what is lost', () => {
  it('is what the largest share has beyond an even one, the worst first', () => {
    const calls = [call(4, 4), call(1, 3), call(10, 10), call(0, 0)];
    expect(lossesIn(4, calls)).toEqual([
      { call: calls[1], seconds: 2.25 },
      { call: calls[2], seconds: expect.closeTo(0.5, 9) as number },
    ]);
  });
});

describe('the forecast', () => {
  const forecast: Forecast = {
    ...{ network: 'vgg', batch: 64, costs: { dispatch: 0, barrier: 0.125 }, measured: 1.9 },
    memory: { bandwidth: 10, threads: 2 },
    calls: [{ ...call(16, 14), bytes: 20 }, call(1, 2)],
  };

  it('is how many times as fast as one thread', () => {
    expect(speedUp(forecast, 1)).toBe(1);
    expect(speedUp({ ...forecast, costs: free }, 2)).toBe(16 / 9);
    expect(speedUp(forecast, 8)).toBe(16 / (14 / 8 + 2 + 2 * 0.5));
  });

  it('names what is lost', () => {
    const [table, text, losses] = forecastParts([forecast]) as [Table, string, Table];
    expect(table.rows[0]).toContain('12.5 %');
    expect(table.rows[0]).toContain('1.90');
    // 16 seconds in one thread; in four 3.5 of the first call, in eight 1.75 or its bytes' 2.
    expect(table.rows[0]!.slice(5, 7)).toEqual([
      '2.67',
      `${(16 / 4.75).toFixed(2)} (${(16 / 5).toFixed(2)})`,
    ]);
    expect(text).toContain('125000 µs, measured');
    const all = 14 / 16 + 2 + 2;
    expect(losses.rows[0]).toEqual([
      'vgg',
      'call of 1',
      'kernel',
      '1',
      '12.5 %',
      '1/1.00',
      `${(((2 * 15) / 16 / all) * 100).toFixed(1)} %`,
    ]);
    expect(losses.rows[1]!.slice(0, 2)).toEqual(['vgg', '2 meetings']);
  });
});
