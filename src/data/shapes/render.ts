/** Draws one shape on one background. What is random here must not depend on the class: only the outline may tell it. */
import type { RandomStream } from '../../random.ts';
import { outlines, type Distance } from './outlines.ts';
import { between, blotches, randomDirection, randomTexture, type Texture } from './texture.ts';

/** The height and the width of an image, in pixels. */
export const shapesSide = 32;
/** Red, green, blue. */
export const shapesChannels = 3;

/** A colour with a pattern in it. */
interface Surface {
  /** The mean of each channel, 0…255. */
  readonly colour: readonly [number, number, number];
  readonly texture: Texture;
  /** How far the texture goes from the mean, in steps of 255. */
  readonly amplitude: number;
}

/** Draws the shape of class `label` into `pixels` [32, 32, 3] from the index `at` on. */
export function renderShape(label: number, random: RandomStream, pixels: Uint8Array, at: number): void {
  const [background, foreground] = randomSurfaces(random);
  const distance = placed(outlines[label]!.distance, random);
  const [lightX, lightY] = randomDirection(random);
  const light = between(random, 0, 15) / shapesSide;
  // The sum of four random bytes is nearly normal, with a standard deviation of 147.8.
  const noise = between(random, 2, 6) / 147.8;
  for (let y = 0, i = at; y < shapesSide; y++) {
    for (let x = 0; x < shapesSide; x++) {
      // The part of the pixel that the shape covers, as if the outline were straight there and ran along the pixel.
      const coverage = clamp(0.5 - distance(x, y), 0, 1);
      const shade = light * ((x - shapesSide / 2) * lightX + (y - shapesSide / 2) * lightY);
      const behind = shade + background.amplitude * background.texture(x, y);
      const before = shade + foreground.amplitude * foreground.texture(x, y);
      for (let channel = 0; channel < shapesChannels; channel++) {
        const outside = background.colour[channel]! + behind;
        const inside = foreground.colour[channel]! + before;
        const value = outside + (inside - outside) * coverage + noise * fourBytes(random.uint32());
        pixels[i++] = clamp(Math.floor(value + 0.5), 0, 255);
      }
    }
  }
}

/** The outline at a random place, of a random size, turned by a random angle; in pixels. */
function placed(outline: Distance, random: RandomStream): Distance {
  const radius = between(random, 9.5, 13);
  const [cosine, sine] = randomDirection(random);
  // Shapes reach 1.1 radii from their centre; they stay inside.
  const margin = 1.1 * radius - 0.5;
  const centreX = between(random, margin, shapesSide - 1 - margin);
  const centreY = between(random, margin, shapesSide - 1 - margin);
  return (x, y) => {
    const right = (x - centreX) / radius;
    const down = (y - centreY) / radius;
    return radius * outline(right * cosine + down * sine, down * cosine - right * sine);
  };
}

/** A background and a foreground, of which either may be the lighter. */
function randomSurfaces(random: RandomStream): readonly [Surface, Surface] {
  const brightness = between(random, 70, 185);
  const contrast = between(random, 60, 120);
  const lighter = random.below(2) === 1 ? brightness + contrast <= 235 : brightness - contrast < 20;
  const background: Surface = {
    colour: randomColour(random, brightness),
    texture: randomTexture(random, shapesSide),
    amplitude: between(random, 4, 0.3 * contrast),
  };
  const foreground: Surface = {
    colour: randomColour(random, lighter ? brightness + contrast : brightness - contrast),
    texture: blotches(random, shapesSide),
    amplitude: between(random, 0, 0.12 * contrast),
  };
  return [background, foreground];
}

/** A colour of random hue whose channels have the mean `brightness`. */
function randomColour(random: RandomStream, brightness: number): [number, number, number] {
  const red = between(random, -30, 30);
  const green = between(random, -30, 30);
  const blue = between(random, -30, 30);
  const grey = (red + green + blue) / 3 - brightness;
  return [red - grey, green - grey, blue - grey];
}

/** The sum of the four bytes of a word, less its mean. */
function fourBytes(word: number): number {
  return (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24) - 510;
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
