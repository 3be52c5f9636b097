/** Chromium and Firefox, by Playwright. */
import type { Browser } from 'playwright-core';
import { chromiumMissing, firefoxMissing, launchChromium, launchFirefox } from '../browser/launch.ts';
import { servePages } from './pages.ts';
import type { Outcome, Task } from './program.ts';
import { TIME_LIMIT, type Runtime } from './runtime.ts';

interface BrowserOptions {
  readonly name: string;
  readonly engine: string;
  readonly missing: string | undefined;
  readonly launch: () => Promise<Browser>;
}

function browserRuntime({ name, engine, missing, launch }: BrowserOptions): Runtime {
  return {
    name,
    missing: () => missing,
    run: async (tasks) => {
      const pages = await servePages();
      const browser = await launch();
      try {
        const outcomes: Outcome[] = [];
        for (const task of tasks) outcomes.push(await runOnPage(browser, pages.url(task), task));
        return { version: browser.version(), engine, outcomes };
      } finally {
        await browser.close();
        await pages.close();
      }
    },
  };
}

async function runOnPage(browser: Browser, url: string, task: Task): Promise<Outcome> {
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction(() => 'run' in globalThis);
  const limit = AbortSignal.timeout(TIME_LIMIT);
  const late = new Promise<never>((_, reject) => {
    limit.onabort = () => {
      reject(new Error(`It has not ended in ${TIME_LIMIT / 1000} s.`));
    };
  });
  const outcome = page.evaluate(
    (given) => (globalThis as unknown as { run: (task: Task) => Promise<Outcome> }).run(given),
    task,
  );
  return Promise.race([outcome, late]);
}

export const BROWSERS: readonly Runtime[] = [
  browserRuntime({ name: 'Chromium', engine: 'V8', missing: chromiumMissing, launch: launchChromium }),
  browserRuntime({ name: 'Firefox', engine: 'SpiderMonkey', missing: firefoxMissing, launch: launchFirefox }),
];
