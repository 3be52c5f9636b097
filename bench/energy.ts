/** What the processors have used, where the machine tells it: Linux's powercap counters. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const POWERCAP = '/sys/class/powercap';

/** A processor as a whole; what is inside it has a further number. */
const PACKAGE = /^intel-rapl:\d+$/;

export interface EnergyMeter {
  /** Joules of all processors since it was opened. Counters run over: to be read once a minute at the least. */
  read(): Promise<number>;
}

/** @returns undefined where there is no counter, or none that may be read */
export async function openEnergyMeter(folder = POWERCAP): Promise<EnergyMeter | undefined> {
  const names = await readdir(folder).catch(() => []);
  const counters: Counter[] = [];
  try {
    for (const name of names.filter((each) => PACKAGE.test(each)).sort()) {
      counters.push(await Counter.open(join(folder, name)));
    }
  } catch {
    return undefined;
  }
  if (counters.length === 0) return undefined;
  return {
    read: async () => {
      let microjoules = 0;
      for (const counter of counters) microjoules += await counter.read();
      return microjoules / 1e6;
    },
  };
}

class Counter {
  readonly #path: string;
  /** What it begins again after. */
  readonly #range: number;
  #last: number;
  #sum = 0;

  private constructor(path: string, range: number, last: number) {
    this.#path = path;
    this.#range = range;
    this.#last = last;
  }

  static async open(folder: string): Promise<Counter> {
    const path = join(folder, 'energy_uj');
    return new Counter(path, await numberIn(join(folder, 'max_energy_range_uj')), await numberIn(path));
  }

  /** Microjoules since it was opened. */
  async read(): Promise<number> {
    const now = await numberIn(this.#path);
    this.#sum += now >= this.#last ? now - this.#last : now + this.#range - this.#last;
    this.#last = now;
    return this.#sum;
  }
}

async function numberIn(path: string): Promise<number> {
  return Number(await readFile(path, 'utf8'));
}
