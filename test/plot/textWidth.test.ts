import { expect, it } from 'vitest';
import { rasterise } from '../../src/plot/rasterise.ts';
import { textWidth } from '../../src/plot/textWidth.ts';

it('agrees with what the renderer draws, for every printable character', async () => {
  const characters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));
  const texts = ['accuracy ', '0.8125 ms ', ...characters].map((text) => text.repeat(20));
  const [fontSize, lineHeight] = [10, 20];
  // After each text a full block, whose ink covers exactly its advance of 0.769 of the font size.
  const lines = texts.map((text, line) => {
    const escaped = text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
    return `<text xml:space="preserve" style="font-kerning:none" y="${line * lineHeight + 14}">${escaped}█</text>`;
  });
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="2200" height="${texts.length * lineHeight}" ` +
    `font-size="${fontSize}" font-family="DejaVu Sans">${lines.join('')}</svg>`;
  const { width, data } = await rasterise(svg, 1);

  texts.forEach((text, line) => {
    const row = (line * lineHeight + 11) * width;
    let right = width;
    while (right > 0 && data[(row + right - 1) * 4]! > 127) right--;
    // Twenty characters: 1.5 pixels are less than a hundredth of the font size for each.
    expect(Math.abs(right - 0.769 * fontSize - textWidth(text, fontSize)), text).toBeLessThan(1.5);
  });
});
