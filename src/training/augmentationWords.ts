/** Short words for the layers that change images in training, such as `flip,shift=4`. */
import { OptionError } from '../errors.ts';
import { cutout } from '../nn/layers/cutout.ts';
import { mixUp } from '../nn/layers/mixUp.ts';
import { randomBrightness, randomContrast, randomSaturation } from '../nn/layers/randomColour.ts';
import { randomFlip } from '../nn/layers/randomFlip.ts';
import { randomRotation } from '../nn/layers/randomRotation.ts';
import { randomTranslation } from '../nn/layers/randomTranslation.ts';
import { randomZoom } from '../nn/layers/randomZoom.ts';
import type { PixelScale } from '../nn/pixelScale.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { nearest } from '../suggest.ts';

/** What is changed. */
export interface AugmentedImages {
  readonly inputShape: readonly number[];
  /** What their largest byte becomes for the network, and so for these layers; 1 by default. */
  readonly pixelScale?: PixelScale | undefined;
}

type Shape = readonly [height: number, width: number, channels: number];

interface Word {
  /** What stands behind the sign of equality if nothing does. */
  readonly usual: string;
  /** What may stand there for images of a shape, for messages. */
  readonly takes: (shape: Shape) => string;
  /** @returns nothing if it cannot be made of that */
  layer(argument: string, shape: Shape, scale: PixelScale): LayerSpec | undefined;
}

const FLIPS: Readonly<Record<string, () => LayerSpec>> = {
  horizontal: () => randomFlip({ mode: 'horizontal' }),
  vertical: () => randomFlip({ mode: 'vertical' }),
  both: () => randomFlip(),
  alternate: () => randomFlip({ mode: 'horizontal', alternate: true }),
};

/** A word that takes a number above 0. */
function numeric(
  usual: number,
  most: number,
  what: string,
  layer: (number: number, scale: PixelScale) => LayerSpec,
  whole = false,
): Word {
  return {
    usual: String(usual),
    takes: () => `${what}, above 0 and up to ${most}`,
    layer: (argument, _, scale) => {
      const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(argument) ? Number(argument) : NaN;
      const fits = number > 0 && number <= most && (!whole || Number.isInteger(number));
      return fits ? layer(number, scale) : undefined;
    },
  };
}

function mostShift([height, width]: Shape): number {
  return Math.min(64, height, width);
}

/** The words: one entry each. */
const WORDS: Readonly<Record<string, Word>> = {
  flip: {
    usual: 'horizontal',
    takes: () => Object.keys(FLIPS).join(', '),
    layer: (argument) => (Object.hasOwn(FLIPS, argument) ? FLIPS[argument]!() : undefined),
  },
  shift: {
    usual: '4',
    takes: (shape) => `a whole number of pixels from 1 to ${mostShift(shape)}, and /zeros or /mirror`,
    layer: (argument, shape) => {
      const [height, width] = shape;
      const [, pixels, beyond = 'mirror'] = /^(\d+)(?:\/(zeros|mirror))?$/.exec(argument) ?? [];
      if (!(Number(pixels) >= 1 && Number(pixels) <= mostShift(shape))) return undefined;
      return randomTranslation({
        heightFactor: Number(pixels) / height,
        widthFactor: Number(pixels) / width,
        wholePixels: true,
        fillMode: beyond === 'zeros' ? 'constant' : 'mirror',
      });
    },
  },
  rotate: numeric(15, 180, 'degrees', (degrees) => randomRotation({ factor: degrees / 360 })),
  zoom: numeric(0.1, 0.9, 'a share', (share) => randomZoom({ heightFactor: share })),
  brightness: numeric(0.2, 1, 'a share', (share, scale) =>
    randomBrightness({ factor: share, valueRange: [0, scale] }),
  ),
  contrast: numeric(0.2, 1, 'a share', (share, scale) =>
    randomContrast({ factor: share, valueRange: [0, scale] }),
  ),
  saturation: numeric(0.3, 1, 'a share', (share, scale) =>
    randomSaturation({ factor: [(1 - share) / 2, (1 + share) / 2], valueRange: [0, scale] }),
  ),
  cutout: numeric(
    8,
    1024,
    'a whole number of pixels',
    (size, scale) => cutout({ size, fillValue: scale / 2 }),
    true,
  ),
  mixup: numeric(0.2, 1, 'alpha', (alpha) => mixUp({ alpha })),
};

/** So large that every word fits that fits any image. */
const LARGE: Shape = [1024, 1024, 3];

/** All of them, in an order to choose from. */
export const AUGMENTATIONS: readonly string[] = Object.keys(WORDS);

/**
 * The layers that a list stands for.
 * @param images  those they are for; large ones while they are not known
 * @param option  what the list is given as, for messages
 * @throws OptionError naming the word, and what it takes
 */
export function augmentationsOf(
  text: string | undefined,
  images: AugmentedImages = { inputShape: LARGE },
  option = '--augment',
): readonly LayerSpec[] {
  if (text === undefined) return [];
  const { pixelScale = 1 } = images;
  const shape = images.inputShape as unknown as Shape;
  return text.split(',').map((each) => {
    const [, name, argument] = /^([^=]*)(?:=(.*))?$/s.exec(each.trim()) as unknown as [
      string,
      string,
      string?,
    ];
    if (!Object.hasOwn(WORDS, name)) {
      const meant = nearest(name.toLowerCase(), Object.keys(WORDS));
      const remedy =
        meant === undefined ? `there are ${AUGMENTATIONS.join(', ')}.` : `did you mean ${meant}?`;
      throw new OptionError(`${option}: there is no ${JSON.stringify(name)}; ${remedy}`);
    }
    const word = WORDS[name]!;
    const given = argument ?? word.usual;
    const layer = word.layer(given, shape, pixelScale);
    if (layer) return layer;
    const which = word.layer(given, LARGE, pixelScale) ? ` for images of ${shape.slice(0, 2).join('×')}` : '';
    throw new OptionError(
      `${option}: ${name}=${given} cannot be${which}; ${name} takes ${word.takes(shape)}.`,
    );
  });
}
