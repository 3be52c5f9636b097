/** What a person can set for a training, with what may be entered. Pure. */
import type { Tier } from '../engine/tier.ts';
import type { DatasetName, RecipeChoice } from './protocol.ts';

/** The optimizers, by their names in the library. */
export const OPTIMIZERS = ['adam', 'adamw', 'sgd', 'rmsprop', 'lion', 'muon'] as const;

export const SCHEDULES = ['constant', 'cosine'] as const;

/** The network whose sizes can be set. */
export const TUTORIAL = 'tutorial';

/** In place of a preset: the model that was loaded, which is trained on. */
export const LOADED = 'loaded';

/** What of a loaded model is trained: all that can be, or only what tells the classes apart. */
export const TRAINED = ['all', 'last'] as const;

export interface Settings {
  /** The name of what decides on all but a few of the others; without one they do. */
  readonly recipe: string | undefined;
  /** The name of a preset, or {@link LOADED}. */
  readonly network: string;
  /** Of a loaded model. */
  readonly trained: (typeof TRAINED)[number];
  /** Of the three convolutions of the tutorial's network. */
  readonly filters: readonly [number, number, number];
  /** Of its hidden dense layer. */
  readonly units: number;
  readonly learningRate: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly threads: number;
  readonly tier: Tier | 'auto';
  /** How many of the training images to take; all if undefined. */
  readonly images: number | undefined;
  readonly optimizer: (typeof OPTIMIZERS)[number];
  /** Of gradient descent, `sgd`. */
  readonly momentum: number;
  /** As the optimizer has it by itself if undefined. */
  readonly weightDecay: number | undefined;
  /** Whether the learning rate stays, or falls to zero as half a wave of the cosine. */
  readonly schedule: (typeof SCHEDULES)[number];
  /** The share of values that training leaves out in front of the last layers. */
  readonly dropout: number;
  readonly labelSmoothing: number;
  /** How images are changed at random in training, by the words of the command line with commas between them; '' for not at all. */
  readonly augment: string;
  /** Pixels on a side of the images that own pictures become; chosen by their sizes if undefined. */
  readonly imageSize: number | undefined;
}

export type Field = 'filters1' | 'filters2' | 'filters3' | Exclude<keyof Settings, 'filters'>;

/** What images can be changed by, as the command line's `--augment` calls it. */
export const AUGMENTATIONS = [
  'flip',
  'shift',
  'rotate',
  'zoom',
  'brightness',
  'contrast',
  'saturation',
  'cutout',
  'mixup',
] as const;

/** What depends on the data and on the machine. */
export interface Limits {
  readonly dataset: DatasetName;
  /** Whether there are pictures of one's own, be they what is trained on or not. */
  readonly ownPictures: boolean;
  readonly trainImages: number;
  /** Whether those to validate with are tested with, too, and so never trained on. */
  readonly testIsValidation?: boolean | undefined;
  readonly cores: number;
  /** Those to choose from; none by default. */
  readonly recipes?: readonly RecipeChoice[] | undefined;
  /** The model that can be trained on. */
  readonly loaded?: LoadedChoice | undefined;
}

/** A model that was loaded, as something to train on from. */
export interface LoadedChoice {
  /** Of its file. */
  readonly name: string;
  /** [height, width, channels] of the images that it takes. */
  readonly inputShape: readonly number[];
}

export type Texts = Readonly<Record<Field, string>>;

export type Problems = Readonly<Partial<Record<Field, string>>>;

/** The tutorial's network, trained as the command line does. */
export const defaultTexts = ({ cores }: Pick<Limits, 'cores'>): Texts => ({
  recipe: '',
  network: TUTORIAL,
  trained: 'all',
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
  optimizer: 'adam',
  momentum: '0.9',
  weightDecay: '',
  schedule: 'constant',
  dropout: '0',
  labelSmoothing: '0',
  augment: '',
  imageSize: '',
});

/** Of so few pictures an epoch has few steps: it takes smaller ones, and more epochs. */
const FEW_PICTURES = 1000;

/** Pixels on a side from which on few images are enough for a step, and many do not fit into memory. */
const LARGE_SIDE = 128;

/** What of the fields decides on what is usual for the others. */
type Chosen = Partial<Pick<Texts, 'recipe' | 'network' | 'trained'>>;

/** What differs from the defaults for some images, as long as nothing else is entered. */
export function usualTexts(
  { dataset, trainImages, recipes, loaded }: Pick<Limits, 'dataset' | 'trainImages' | 'recipes' | 'loaded'>,
  { recipe = '', network, trained }: Chosen = {},
): Partial<Texts> {
  const augment = dataset === 'pictures' ? { augment: 'flip,shift' } : {};
  const { epochs, batchSize } = recipes?.find(({ name }) => name === recipe) ?? {};
  if (epochs !== undefined) return { ...augment, epochs: String(epochs), batchSize: String(batchSize) };
  const few = dataset === 'pictures' && trainImages < FEW_PICTURES;
  const large = network === LOADED && loaded !== undefined && loaded.inputShape[0]! >= LARGE_SIDE;
  return {
    ...augment,
    ...((few || large) && { batchSize: '16' }),
    ...(few && { epochs: '20' }),
    // What has been learnt would be lost to larger steps.
    ...(network === LOADED && trained !== 'last' && { learningRate: '0.0001' }),
  };
}

/** What a recipe leaves open. */
const BESIDE_RECIPE: readonly Field[] = [
  ...(['recipe', 'epochs', 'batchSize', 'imageSize', 'images', 'seed', 'threads', 'tier'] as const),
];

/** Whether a field says something with the others as they are. */
export function applies(
  field: Field,
  { recipe, network, optimizer }: Pick<Texts, 'recipe' | 'network' | 'optimizer'>,
  { dataset, ownPictures }: Pick<Limits, 'dataset' | 'ownPictures'>,
): boolean {
  if (recipe !== '' && !BESIDE_RECIPE.includes(field)) return false;
  if (field === 'momentum') return optimizer === 'sgd';
  // All of one's own are wanted.
  if (field === 'images') return dataset !== 'pictures';
  if (field === 'imageSize') return ownPictures;
  if (field === 'trained') return network === LOADED;
  if (field === 'dropout') return network !== LOADED;
  return network === TUTORIAL || !(field.startsWith('filters') || field === 'units');
}

const TIERS = ['auto', 'simd', 'relaxed'] as const;

/** Fewer leave none for validation, which takes a fifth. */
const FEWEST_IMAGES = 10;

/**
 * Reads the fields of the form: the settings, or what is wrong with each field, in words. What does not apply is as by
 * default.
 */
export function readSettings(
  given: Texts,
  limits: Limits,
): { settings: Settings; problems?: never } | { settings?: never; problems: Problems } {
  const problems: Partial<Record<Field, string>> = {};
  const texts = { ...defaultTexts(limits), ...onlyWhatApplies(given, limits) };
  const whole = (field: Field, least: number, most: number): number => {
    const value = decimal(texts[field]);
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    problems[field] =
      most === least
        ? `There is only ${count(least)} here.`
        : `A whole number from ${count(least)} to ${count(most)}.`;
    return NaN;
  };
  const share = (field: Field): number => {
    const value = decimal(texts[field]);
    if (value >= 0 && value < 1) return value;
    problems[field] = 'A number from 0 to below 1, such as 0.1.';
    return NaN;
  };
  const settings: Settings = {
    recipe: limits.recipes?.find(({ name }) => name === texts.recipe)?.name,
    network: texts.network,
    trained: oneOf(TRAINED, texts.trained),
    filters: [whole('filters1', 1, 512), whole('filters2', 1, 512), whole('filters3', 1, 512)],
    units: whole('units', 1, 4096),
    learningRate: learningRate(texts.learningRate, problems),
    epochs: whole('epochs', 1, 1000),
    batchSize: whole('batchSize', 1, mostInBatch(limits)),
    seed: whole('seed', 0, Number.MAX_SAFE_INTEGER),
    threads: whole('threads', 1, limits.cores),
    tier: oneOf(TIERS, texts.tier),
    images: texts.images.trim() === '' ? undefined : whole('images', FEWEST_IMAGES, limits.trainImages),
    optimizer: oneOf(OPTIMIZERS, texts.optimizer),
    momentum: share('momentum'),
    weightDecay: texts.weightDecay.trim() === '' ? undefined : weightDecay(texts.weightDecay, problems),
    schedule: oneOf(SCHEDULES, texts.schedule),
    dropout: share('dropout'),
    labelSmoothing: share('labelSmoothing'),
    augment: texts.augment,
    imageSize: texts.imageSize.trim() === '' ? usualSide(texts, limits) : whole('imageSize', 8, 256),
  };
  return Object.keys(problems).length > 0 ? { problems } : { settings };
}

/** What own pictures become for a loaded model: what it has learnt from. Others take what is usual for the pictures. */
function usualSide({ network }: Pick<Texts, 'network'>, { loaded }: Limits): number | undefined {
  const [height, width] = loaded?.inputShape ?? [];
  return network === LOADED && height === width ? height : undefined;
}

/** A batch may be larger than a few pictures are: then it is all of them. */
function mostInBatch({ dataset, trainImages }: Limits): number {
  return dataset === 'pictures' ? Math.max(1024, trainImages) : trainImages;
}

function onlyWhatApplies(texts: Texts, limits: Limits): Partial<Texts> {
  const entries = (Object.entries(texts) as [Field, string][]).filter(([field]) =>
    applies(field, texts, limits),
  );
  return Object.fromEntries(entries);
}

/** The value if it is one of those there are, or else the first of them. */
function oneOf<T extends string>(values: readonly [T, ...T[]], value: string): T {
  return values.find((each) => each === value) ?? values[0];
}

function weightDecay(text: string, problems: Partial<Record<Field, string>>): number {
  const value = decimal(text);
  if (value >= 0 && value < Infinity) return value;
  problems.weightDecay = 'A number of at least 0, such as 0.004, or nothing.';
  return NaN;
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
