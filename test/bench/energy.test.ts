import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEnergyMeter } from '../../bench/energy.ts';

describe('the meter of energy', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simdnet-energy-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const set = async (name: string, microjoules: number, range = 10_000_000): Promise<void> => {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'energy_uj'), `${microjoules}\n`);
    await writeFile(join(folder, name, 'max_energy_range_uj'), `${range}\n`);
  };

  it('adds up processors, but not what is inside them, and counters that begin again', async () => {
    await set('intel-rapl:0', 9_000_000);
    await set('intel-rapl:1', 1_000_000);
    await set('intel-rapl:0:0', 1_000_000);
    const meter = (await openEnergyMeter(folder))!;
    expect(await meter.read()).toBe(0);
    await set('intel-rapl:1', 3_500_000);
    await set('intel-rapl:0:0', 9_000_000);
    expect(await meter.read()).toBe(2.5);
    await set('intel-rapl:0', 1_000_000);
    expect(await meter.read()).toBe(4.5);
  });

  it('is none where the machine does not tell', async () => {
    expect(await openEnergyMeter(folder)).toBeUndefined();
    expect(await openEnergyMeter(join(folder, 'missing'))).toBeUndefined();
    await mkdir(join(folder, 'intel-rapl:0'));
    expect(await openEnergyMeter(folder)).toBeUndefined();
  });
});
