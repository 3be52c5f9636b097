import { expect, it } from 'vitest';
import { historySvg } from '../../src/plot/historySvg.ts';
import { plainSvg } from '../../src/plot/plainSvg.ts';

it('makes properties attributes, and leaves nothing that is a style', () => {
  expect(
    plainSvg(`<text style="font-size:12px; font-family:'A B', C;" y="1" class="zr0-cls-1">a</text>`),
  ).toBe(`<text font-size="12px" font-family="'A B', C" y="1">a</text>`);
  expect(plainSvg('<svg><style ><![CDATA[\n.a:hover {}\n]]>\n</style>\n<g/></svg>')).toBe(
    '<svg>\n<g/></svg>',
  );
});

it('leaves a figure as it is otherwise', () => {
  const svg = historySvg({ epoch: [0, 1], history: { loss: [2, 1], accuracy: [0.5, 0.75] } });
  const plain = plainSvg(svg);
  expect(svg).toMatch(/style/);
  expect(plain).not.toMatch(/style|class/);
  const texts = (of: string): unknown => of.match(/>[^<>\n]+<\/text>/g);
  expect(texts(plain)).toEqual(texts(svg));
  expect(plain.match(/<path d="[^"]*"/g)).toEqual(svg.match(/<path d="[^"]*"/g));
});
