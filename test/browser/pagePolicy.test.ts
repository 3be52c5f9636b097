/** The page in a real browser under its Content-Security-Policy: everything works, and what is forbidden is prevented. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { POLICY, serveFolder, type RunningServer } from '../../src/browser/server/staticServer.ts';
import { encodePng } from '../../src/formats/png.ts';
import { archiveOf, goodMembers } from '../data/archives.ts';
import { describeInChromium, launchChromium } from './chromium.ts';
import { buildDemo, download, eventually, file, openDemo, train } from './demoPage.ts';
import { serveFolder as servePlainly, type StaticServer } from './staticServer.ts';

describeInChromium('the policy of the page', () => {
  let browser: Browser;
  let server: RunningServer;
  /** A host that sends no headers. */
  let plain: StaticServer;
  let folder: string;

  beforeAll(async () => {
    folder = (await buildDemo()).folder;
    server = await serveFolder(folder, { port: 0 });
    plain = await servePlainly(folder);
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
    await plain.close();
  });

  /** Opens the page, and collects what its policy prevents: in the page, and, by what browsers say of it, in its workers. */
  async function open(url: string): Promise<{ page: Page; violations: () => Promise<string[]> }> {
    const said: string[] = [];
    const page = await openDemo(browser, url, {
      prepare: () => {
        const found: string[] = [];
        Object.assign(globalThis, { violations: found });
        document.addEventListener('securitypolicyviolation', (event) => {
          found.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
        });
      },
      beforeLoad: (opened) => {
        opened.on('console', (message) => {
          if (/Content.Security.Policy/i.test(message.text())) said.push(message.text());
        });
        return Promise.resolve();
      },
    });
    const violations = async (): Promise<string[]> => [
      ...(await page.evaluate(() => (globalThis as unknown as { violations: string[] }).violations)),
      ...said,
    ];
    return { page, violations };
  }

  it('says the same in the page as in the header, and allows nothing inline', async () => {
    const html = await readFile(join(folder, 'index.html'), 'utf8');
    const content = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)![1]!;
    expect(`${content}; frame-ancestors 'none'`).toBe(POLICY);
    expect(POLICY).not.toContain('unsafe-inline');
    expect(POLICY).not.toContain("'unsafe-eval'");
    expect(html).not.toMatch(/\sstyle=|<style|\son\w+=|<script>/);
  });

  it.each(['with headers', 'without'])('lets everything on the page work, %s', async (headers) => {
    const { page, violations } = await open(headers === 'without' ? plain.url : server.url);
    // Widths and colours that depend on data are there, though they are not in the style sheet.
    const width = page.locator('#layers .bar-fill').first();
    await width.waitFor();
    expect(await width.evaluate((element) => element.style.width)).toMatch(/%$/);
    const swatch = page.locator('.swatch').first();
    expect(await swatch.evaluate((element) => element.style.getPropertyValue('--swatch'))).not.toBe('');

    await train(page, { images: '200', epochs: '2' });
    const chart = page.locator('#chart svg text').first();
    await chart.waitFor();
    // While it is drawn anew, what was found of it has no style.
    const style = (property: string): Promise<string> =>
      chart.evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);
    await eventually(() => style('font-family')).toContain('Inter');
    await eventually(() => style('font-size')).toMatch(/^(?!16px$)[\d.]+px$/);
    await page.locator('input[name=by][value=epoch]').check({ force: true });
    const cell = page.locator('.matrix button').first();
    expect(await cell.evaluate((element) => element.style.getPropertyValue('--strength'))).toMatch(/%$/);
    await page.locator('.matrix button:not(.none)').first().click();
    await page.locator('#cell-title').waitFor();
    await page.locator('#random').click();
    await page.locator('#answer .bars').waitFor();
    const picture = encodePng({ width: 2, height: 2, data: new Uint8Array(16).fill(255) });
    await page.locator('#picture').setInputFiles(file('white.png', picture));
    await eventually(() => page.locator('#answer .verdict').textContent()).toContain('white.png');
    await page.locator('#drawing').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await eventually(() => page.locator('#answer .verdict').textContent()).toContain('Your drawing');
    expect((await download(page, '#png')).bytes.subarray(1, 4).toString()).toBe('PNG');
    expect((await download(page, '#save')).bytes.length).toBeGreaterThan(1000);
    await page.locator('#theme').click();
    const archive = Buffer.from(await archiveOf(goodMembers()));
    await page.locator('#files').setInputFiles(file('cifar-10-binary.tar.gz', archive));
    await eventually(() => page.locator('#data-summary').textContent()).toContain('CIFAR-10');
    expect(await violations()).toEqual([]);
  });

  it('prevents what is inline or from elsewhere, and that is noticed', async () => {
    const { page, violations } = await open(server.url);
    await page.evaluate(async () => {
      document.body.setAttribute('style', 'color: red');
      const script = document.createElement('script');
      script.textContent = 'globalThis.wasRun = true';
      document.body.append(script);
      await fetch('http://127.0.0.1:9/').catch(() => undefined);
    });
    expect(await page.evaluate(() => 'wasRun' in globalThis)).toBe(false);
    expect(await page.evaluate(() => getComputedStyle(document.body).color)).not.toBe('rgb(255, 0, 0)');
    const found = (await violations()).join('\n');
    for (const directive of ['style-src-attr', 'script-src-elem', 'connect-src'])
      expect(found).toContain(directive);
    // Workers are told by the header.
    const worker = page.workers().find((each) => each.url().endsWith('trainer.js'))!;
    expect(await worker.evaluate(() => fetch('http://127.0.0.1:9/').then(String, String))).toContain(
      'TypeError',
    );
    await eventually(
      async () => (await violations()).filter((each) => each.includes('127.0.0.1:9')).length,
    ).toBeGreaterThan(1);
  });

  it('does not let the page be shown within another', async () => {
    const page = await browser.newPage();
    await page.setContent(`<iframe src="${server.url}"></iframe>`);
    const frame = page.frames()[1]!;
    await eventually(() => frame.url()).toContain('chrome-error');
    await page.close();
  });
});
