import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { classifierPage, MOST_MODEL_BYTES } from '../../src/formats/classifierPage.ts';
import { inflated } from '../../src/platform/inflated.ts';

const TEMPLATE = '<title>{{title}}</title>{{other}}<i>{{settings}}</i><b>{{model}}</b>';

const between = (html: string, tag: string): string =>
  new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(html)![1]!;

describe('classifierPage', () => {
  it.each([0, 1, 24_575, 24_576, 24_577, 100_000])('holds a model of %i bytes', async (length) => {
    // Numbers that do not repeat, so that the deflated ones take several chunks of base64.
    let state = 1;
    const model = Uint8Array.from({ length }, () => (state = (state * 48_271) % 2_147_483_647) >> 8);
    const html = await classifierPage(TEMPLATE, { title: 'A', model });
    expect(between(html, 'b')).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(await inflated(between(html, 'b'))).toEqual(model);
  });

  it('takes nothing of a title for HTML or for a place to fill', async () => {
    const title = `</title><!-- & <script> $& $1 {{model}}`;
    const html = await classifierPage(TEMPLATE, { title, model: new Uint8Array(3), fit: 'crop' });
    expect(between(html, 'title')).toBe('&lt;/title>&lt;!-- &amp; &lt;script> $&amp; $1 {{model}}');
    expect(between(html, 'i')).not.toContain('<');
    expect(JSON.parse(between(html, 'i'))).toEqual({ title, fit: 'crop' });
    expect(html).toContain('{{other}}');
  });

  it('refuses what no page could hold', async () => {
    const model = { length: MOST_MODEL_BYTES + 1 } as Uint8Array<ArrayBuffer>;
    await expect(classifierPage(TEMPLATE, { title: 'A', model })).rejects.toThrow(
      new OptionError(
        'The model has 268,435,457 bytes, and a page takes at most 268,435,456: use a smaller network.',
      ),
    );
  });
});
