/** What a person can set for a training, with what may be entered. Pure. */
import type { Tier } from '../engine/tier.ts';

export interface Settings {
  /** Of the three convolutions. */
  readonly filters: readonly [number, number, number];
  /** Of the hidden dense layer. */
  readonly units: number;
  readonly learningRate: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly threads: number;
  readonly tier: Tier | 'auto';
  /** How many of the training images to take; all if undefined. */
  readonly images: number | undefined;
}

export type Field = 'filters1' | 'filters2' | 'filters3' | Exclude<keyof Settings, 'filters'>;

/** What depends on the data and on the machine. */
export interface Limits {
  readonly trainImages: number;
  readonly cores: number;
}

export type Texts = Readonly<Record<Field, string>>;

export type Problems = Readonly<Partial<Record<Field, string>>>;

/** The tutorial's network, trained as the command line does. */
export const defaultTexts = ({ cores }: Pick<Limits, 'cores'>): Texts => ({
  filters1: '32',
  filters2: '64',
  filters3: '64',
  units: '64',
  learningRate: '0.001',
  epochs: '15',
  batchSize: '64',
  seed: '0',
  threads: String(cores),
  tier: 'auto',
  images: '',
});

const TIERS: readonly string[] = ['auto', 'simd', 'relaxed'];

/** Fewer leave none for validation, which takes a fifth. */
const FEWEST_IMAGES = 10;

/** Reads the fields of the form: the settings, or what is wrong with each field, in words. */
export function readSettings(
  texts: Texts,
  limits: Limits,
): { settings: Settings; problems?: never } | { settings?: never; problems: Problems } {
  const problems: Partial<Record<Field, string>> = {};
  const whole = (field: Field, least: number, most: number): number => {
    const value = decimal(texts[field]);
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    problems[field] =
      most === least
        ? `There is only ${count(least)} here.`
        : `A whole number from ${count(least)} to ${count(most)}.`;
    return NaN;
  };
  const settings: Settings = {
    filters: [whole('filters1', 1, 512), whole('filters2', 1, 512), whole('filters3', 1, 512)],
    units: whole('units', 1, 4096),
    learningRate: learningRate(texts.learningRate, problems),
    epochs: whole('epochs', 1, 1000),
    batchSize: whole('batchSize', 1, limits.trainImages),
    seed: whole('seed', 0, Number.MAX_SAFE_INTEGER),
    threads: whole('threads', 1, limits.cores),
    tier: TIERS.includes(texts.tier) ? (texts.tier as Settings['tier']) : 'auto',
    images: texts.images.trim() === '' ? undefined : whole('images', FEWEST_IMAGES, limits.trainImages),
  };
  return Object.keys(problems).length > 0 ? { problems } : { settings };
}

function learningRate(text: string, problems: Partial<Record<Field, string>>): number {
  const value = decimal(text);
  if (value > 0 && value < Infinity) return value;
  problems.learningRate = 'A number above 0, such as 0.001.';
  return NaN;
}

/** A number as people write them; NaN if it is none. */
function decimal(text: string): number {
  const trimmed = text.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : NaN;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
