/** A page in one file, opened from the disk without a network: it finds in pictures what the command line finds. */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { default as Axe } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { networkInput } from '../../src/data/networkInput.ts';
import { decodePicture } from '../../src/formats/picture.ts';
import { encodePng } from '../../src/formats/png.ts';
import { saveModel } from '../../src/index.ts';
import { decodeModel, encodeModel } from '../../src/training/modelFile.ts';
import { jsonLines, simdnet } from '../cli/simdnet.ts';
import { describeInBrowsers } from './chromium.ts';
import { chosen, openFile, shownAnswers, temporaryFolder, writePage } from './classifierFile.ts';
import { colourModel, mixedModel } from './classifierModels.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const picturePath = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/pictures/${name}`, import.meta.url));

/** One of each kind, with and without alpha, grey, CMYK, and turned by nobody. */
const PICTURES = [
  'baseline.jpg.png',
  'lossless-alpha.webp.png',
  'baseline.jpg',
  'progressive-444.jpg',
  'grey.jpg',
  'cmyk.jpg',
  'lossy.webp',
  'lossless-alpha.webp',
];

function plain(red: number, green: number, blue: number): Uint8Array {
  const pixel = [red, green, blue, 255];
  return encodePng({
    width: 20,
    height: 10,
    data: Uint8Array.from({ length: 800 }, (_, i) => pixel[i % 4]!),
  });
}

describeInBrowsers('a page in one file', ({ name: browserName, launch }) => {
  let browser: Browser;
  let folder: string;
  /** Of the model that knows colours. */
  let colours: string;

  beforeAll(async () => {
    [browser, folder] = await Promise.all([launch(), temporaryFolder()]);
    colours = await writePage(join(folder, 'colours.html'), colourModel(), { title: 'Colours' });
  });

  afterAll(async () => {
    await browser.close();
  });

  it('finds what predict finds, to the last bit, and tells of a damaged file beside the others', async () => {
    const model = join(folder, 'a model.safetensors');
    await saveModel(mixedModel(3), model);
    const exported = await simdnet(['export', model, '--to', 'html', '--out', join(folder, 'mixed.html')]);
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    const paths = PICTURES.map(picturePath);
    const predict = ['predict', '--model', model, '--tier', 'simd', '--top', '99', '--json', ...paths];
    const expected = jsonLines((await simdnet(predict)).stdout) as unknown as {
      predicted: { name: string };
      top: { name: string; probability: number }[];
    }[];
    expect(expected).toHaveLength(PICTURES.length);

    const url = new URL('mixed.html', `file://${folder}/`).href;
    const { page, requests, complaints } = await openFile(browser, url);
    expect(page.workers()).toHaveLength(1);
    const damaged = (await readFile(picturePath('baseline.jpg'))).subarray(0, 700);
    const files = await Promise.all(
      PICTURES.map(async (name) => chosen(name, await readFile(picturePath(name)))),
    );
    await page.locator('#files').setInputFiles([...files, chosen('cut.jpg', damaged)]);
    const answers = await shownAnswers(page);
    expect(answers.map(({ file }) => file)).toEqual([...PICTURES, 'cut.jpg']);
    for (const [i, { predicted, top }] of expected.entries()) {
      expect(answers[i]!.said).toBe(predicted.name);
      expect(answers[i]!.probabilities).toEqual(
        Object.fromEntries(top.map(({ name, probability }) => [name, probability])),
      );
    }
    expect(answers.at(-1)).toEqual({
      file: 'cut.jpg',
      said: 'The JPEG file is cut short; copy or download it again.',
      probabilities: {},
    });
    await expect
      .poll(() => page.locator('#status').textContent())
      .toMatch(/^9 pictures: .*; 1 could not be read\.$/);
    expect(requests).toEqual([]);
    expect(await complaints()).toEqual([]);
  });

  it.each([
    ['stretch', { fit: 'stretch' }],
    ['crop', { fit: 'crop' }],
    ['fit', { fit: 'fit' }],
    ['fit', {}],
  ] as const)('makes pictures grey for a network that is, %s, %j', async (fit, parts) => {
    const model = mixedModel(1, 3, 'fit');
    const { page } = await openFile(browser, await writePage(join(folder, 'grey.html'), model, parts));
    const bytes = await readFile(picturePath('lossy-alpha.webp'));
    await page.locator('#files').setInputFiles(chosen('a.webp', bytes));
    const [answer] = await shownAnswers(page);
    const size = { height: 28, width: 36, channels: 1 } as const;
    const image = networkInput(await decodePicture(bytes, 'a.webp'), size, { fit });
    const { data } = await decodeModel(encodeModel(model), 'it', { tier: 'simd' }).predict(image);
    expect(answer!.probabilities).toEqual(Object.fromEntries(Array.from(data, (p, i) => [`kind ${i}`, p])));
    expect(await page.locator('#network').textContent()).toContain('36 × 28 pixels in grey');
  });

  it('works in the page itself where there are no workers', async () => {
    const { page } = await openFile(browser, colours, {
      prepare: () => {
        globalThis.Worker = new Proxy(Worker, {
          construct: () => {
            throw new DOMException('no workers', 'SecurityError');
          },
        });
      },
    });
    expect(page.workers()).toEqual([]);
    await page.locator('#files').setInputFiles(chosen('sky.png', plain(10, 20, 250)));
    const [answer] = await shownAnswers(page);
    expect(answer!.said).toBe('blue');
  });

  it('takes what is dropped and what is pasted', async () => {
    const { page } = await openFile(browser, colours);
    for (const [event, file] of [
      ['drop', plain(0, 200, 10)],
      ['paste', plain(200, 0, 10)],
    ] as const) {
      await page.evaluate(
        ([type, bytes]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([Uint8Array.from(bytes)], `${type}.png`, { type: 'image/png' }));
          const happening = new Event(type, { bubbles: true, cancelable: true });
          // Firefox does not let scripts make events of the clipboard that have files.
          const property = type === 'drop' ? 'dataTransfer' : 'clipboardData';
          Object.defineProperty(happening, property, { value: transfer });
          document.body.dispatchEvent(happening);
        },
        [event, [...file]] as const,
      );
    }
    const answers = await shownAnswers(page);
    // The latest are on top.
    expect(answers.map(({ file, said }) => [file, said])).toEqual([
      ['paste.png', 'red'],
      ['drop.png', 'green'],
    ]);
  });

  it('does not look at what is removed while it waits', async () => {
    const { page } = await openFile(browser, colours);
    await page.evaluate(
      (bytes) => {
        const dataTransfer = new DataTransfer();
        for (const name of ['a.png', 'b.png', 'c.png'])
          dataTransfer.items.add(new File([Uint8Array.from(bytes)], name, { type: 'image/png' }));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }));
        // The first is looked at already.
        for (const name of ['b.png', 'c.png'])
          document.querySelector<HTMLElement>(`[aria-label="Remove ${name}"]`)!.click();
      },
      [...plain(0, 250, 0)],
    );
    expect((await shownAnswers(page)).map(({ file }) => file)).toEqual(['a.png']);
    await expect.poll(() => page.locator('#status').textContent()).toBe('a.png: green, 100.0 %.');
    await page.locator('#clear').click();
    expect(await page.locator('#status').textContent()).toBe('');
    expect(await page.locator('#found').isVisible()).toBe(false);
  });

  it('says what cannot be read, by the first bytes and not by the name', async () => {
    const { page } = await openFile(browser, colours);
    const text = (content: string): Uint8Array => new TextEncoder().encode(content);
    await page
      .locator('#files')
      .setInputFiles([
        chosen('a.png', text('GIF89a')),
        chosen('empty.jpg', text('')),
        chosen('<b>letter</b>.webp', text('Dear Sir or Madam')),
      ]);
    const answers = await shownAnswers(page);
    expect(answers.map(({ file, said }) => [file, said])).toEqual([
      ['a.png', 'This is a GIF picture, which simdnet does not read: convert it to PNG, JPEG or WebP first.'],
      ['empty.jpg', 'This is empty (0 bytes), not a picture.'],
      [
        '<b>letter</b>.webp',
        'This is not a PNG, JPEG or WebP file; it starts with "Dear Sir or Mada". Convert it to one of these first.',
      ],
    ]);
  });

  it('says so if its network is damaged', async () => {
    const html = await readFile(fileURLToPath(colours), 'utf8');
    const path = join(folder, 'damaged.html');
    await writeFile(path, html.replace(/(id="model">)[^<]+/, '$1AAAA'));
    const { page } = await openFile(browser, new URL('damaged.html', `file://${folder}/`).href, {
      ready: false,
    });
    await page.locator('html[data-state=failed]').waitFor();
    expect(await page.locator('#failure').textContent()).toContain('The network cannot be used here.');
    expect(await page.locator('#ask').isVisible()).toBe(false);
  });

  it('has titles and classes of any characters, and nothing of them is taken for HTML', async () => {
    const title = '</title><script>document.title = "no"</script> & {{model}} “Ünder”';
    const classNames = ['<i>a</i>', 'b & c', '{{title}}', 'd'.repeat(120)];
    const url = await writePage(join(folder, 'titles.html'), colourModel(classNames), { title });
    const { page, complaints } = await openFile(browser, url, { viewport: { width: 360, height: 640 } });
    expect(await page.title()).toBe(title);
    expect(await page.locator('h1').textContent()).toBe(title);
    expect(await page.locator('#classes li').allTextContents()).toEqual(classNames);
    await page.locator('#files').setInputFiles(chosen(`${'long'.repeat(40)}.png`, plain(250, 0, 0)));
    await shownAnswers(page);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await complaints()).toEqual([]);
  });

  it('lets nothing out, and nothing run but its own script', async () => {
    const { page, complaints } = await openFile(browser, colours);
    const sent = await page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.wasRun = true';
      document.body.append(script);
      const image = new Image();
      image.src = 'http://127.0.0.1:9/picture.png';
      return fetch('http://127.0.0.1:9/').then(String, String);
    });
    expect(sent).toContain('TypeError');
    expect(await page.evaluate(() => 'wasRun' in globalThis)).toBe(false);
    const found = (await complaints()).join('\n');
    for (const directive of ['connect-src', 'script-src', 'img-src']) expect(found).toContain(directive);
  });

  // Firefox ESR cannot be told over WebDriver BiDi that the system is dark.
  const schemes = browserName === 'Firefox' ? (['light'] as const) : (['light', 'dark'] as const);

  it('has no fault that axe finds, light or dark, wide or narrow', async () => {
    const classNames = ['red', 'green', 'blue', ...Array.from({ length: 30 }, (_, i) => `shade ${i}`)];
    const url = await writePage(join(folder, 'many.html'), colourModel(classNames));
    const { page } = await openFile(browser, url, { reducedMotion: 'reduce' });
    await page.evaluate(await readFile(axePath, 'utf8'));
    const expectNoFaults = async (): Promise<void> => {
      for (const colorScheme of schemes) {
        await page.emulateMedia({ colorScheme });
        for (const width of [1100, 360]) {
          await page.setViewportSize({ width, height: 700 });
          expect(await faults(page), `${colorScheme} ${width}`).toEqual([]);
          expect(await overflow(page)).toBeLessThanOrEqual(0);
        }
      }
    };
    await expectNoFaults();
    await page.locator('#others summary').click();
    await page
      .locator('#files')
      .setInputFiles([chosen('a.png', plain(250, 0, 0)), chosen('b.gif', new TextEncoder().encode('GIF8'))]);
    await shownAnswers(page);
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    });
    await page.locator('#live-start').click();
    await page.locator('#live-problem:not([hidden])').waitFor();
    await expectNoFaults();
  });

  it('can be used with the keyboard alone, and shows where one is', async () => {
    const { page } = await openFile(browser, colours);
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        const { id, ariaLabel } = document.activeElement!;
        return id || (ariaLabel ?? '');
      });
    const tabTo = async (what: string): Promise<void> => {
      for (let i = 0; i < 20 && (await focused()) !== what; i++) await page.keyboard.press('Tab');
      expect(await focused()).toBe(what);
    };
    const pictures = ['a.png', 'b.png'].map((name) => chosen(name, plain(0, 0, 250)));
    let answered = Promise.resolve();
    // The keyboard opens the dialog, which Playwright answers where it was told to well before the key is pressed. Firefox
    // does not let it be answered over WebDriver BiDi.
    if (browserName === 'Chromium') {
      page.once('filechooser', (dialog) => {
        answered = dialog.setFiles(pictures);
      });
    }
    await tabTo('files');
    const label = page.locator('label:has(#files)');
    expect(await label.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid');
    if (browserName === 'Chromium') await page.keyboard.press('Space');
    else await page.locator('#files').setInputFiles(pictures);
    await page.locator('.result').first().waitFor();
    await answered;
    await shownAnswers(page);
    await tabTo('live-start');
    await tabTo('clear');
    await tabTo('Remove a.png');
    await page.keyboard.press('Enter');
    expect(await page.locator('.result').count()).toBe(1);
    expect(await focused()).toBe('Remove b.png');
    await page.keyboard.press('Enter');
    expect(await page.locator('#found').isVisible()).toBe(false);
    expect(await focused()).toBe('files');
  });
});

/** By how many pixels the page is wider than the window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

/** What axe finds fault with: the rules of WCAG 2.2 AA, and good practice. */
function faults(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof Axe };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  });
}
