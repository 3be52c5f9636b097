/** A model that the demo page saves as a page in one file, which classifies without a network. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { titleOf } from '../../src/browser/page/modelPage.ts';
import { serveFolder, type RunningServer } from '../../src/browser/server/staticServer.ts';
import { encodeModel } from '../../src/training/modelFile.ts';
import { fixture } from '../formats/pictures.ts';
import { describeInBrowsers } from './chromium.ts';
import { chosen, openFile, shownAnswers, temporaryFolder } from './classifierFile.ts';
import { colourModel } from './classifierModels.ts';
import { buildDemo, download, errorsOf, file, notice, openDemo } from './demoPage.ts';

it.each([
  [['cat', 'dog'], 'Cat or dog?'],
  [['cat', 'dog', 'über-bird'], 'Cat, dog or über-bird?'],
  [['𝒶', 'b'], '𝒶 or b?'],
  [['cat'], 'Picture classifier'],
  [[], 'Picture classifier'],
  [['a'.repeat(40), 'b'.repeat(40)], 'Picture classifier'],
])('the heading for %j', (classNames, title) => {
  expect(titleOf(classNames)).toBe(title);
});

describeInBrowsers('a model saved as a web page', ({ launch }) => {
  let browser: Browser;
  let server: RunningServer;
  let folder: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await serveFolder((await buildDemo()).folder, { port: 0 });
    browser = await launch();
    return async () => {
      await browser.close();
      await server.close();
    };
  });

  it('classifies from the disk, with nothing but itself', async () => {
    const demo = await openDemo(browser, server.url);
    expect(await demo.locator('#save-page').isEnabled()).toBe(false);
    await demo.locator('#load').setInputFiles(file('colours.safetensors', encodeModel(colourModel())));
    await demo.locator('#save-page:enabled').waitFor();
    const { name, bytes } = await download(demo, '#save-page');
    expect(name).toBe('model.html');
    expect(errorsOf(demo)).toEqual([]);

    const path = join(folder, name);
    await writeFile(path, bytes);
    const { page, requests, complaints } = await openFile(browser, pathToFileURL(path).href);
    expect(await page.locator('h1').textContent()).toBe('Red, green or blue?');
    expect(await page.locator('#classes li').allTextContents()).toEqual(['red', 'green', 'blue']);
    await page.locator('#files').setInputFiles(chosen('one.jpg', fixture('422.jpg')));
    const [answer] = await shownAnswers(page);
    expect(Object.keys(answer!.probabilities).sort()).toEqual(['blue', 'green', 'red']);
    expect(requests).toEqual([]);
    expect(await complaints()).toEqual([]);
  });

  it('needs a file of the server, and says so where it is missing', async () => {
    const page = await openDemo(browser, server.url);
    await page.locator('#load').setInputFiles(file('colours.safetensors', encodeModel(colourModel())));
    await page.locator('#save-page:enabled').waitFor();
    await page.route('**/classifier.html', (route) => route.fulfill({ status: 404, body: '' }));
    await page.locator('#save-page').click();
    expect(await notice(page)).toBe(
      'classifier.html, which the model is to be put into, cannot be fetched (the server says 404): try again.',
    );
  });
});
