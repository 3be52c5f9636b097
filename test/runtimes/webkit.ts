/** WebKitGTK's MiniBrowser by its WebDriver. It has no headless mode, so it gets a display of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { openDisplay, XVFB } from './display.ts';
import { servePages } from './pages.ts';
import type { Outcome } from './program.ts';
import { TIME_LIMIT, type Runtime } from './runtime.ts';
import { newSession, type Session } from './webDriver.ts';

const DRIVER = process.env.WEBKIT_WEBDRIVER_PATH ?? '/usr/bin/WebKitWebDriver';

/** WebKitGTK says that an isolated page is isolated, but hides SharedArrayBuffer from it unless JavaScriptCore is told not to. */
const SHARED = { JSC_useSharedArrayBuffer: '1' };

const SCRIPT = `
  const [task, done] = arguments;
  const begin = async () => {
    while (!('run' in globalThis)) await new Promise((resolve) => setTimeout(resolve, 50));
    return run(task);
  };
  begin().then((outcome) => done({ outcome }), (error) => done({ failure: String(error) }));`;

export const WEBKIT: Runtime = {
  name: 'WebKitGTK',
  missing: () => {
    if (existsSync(DRIVER) && existsSync(XVFB)) return undefined;
    return 'Debian packages webkit2gtk-driver and xvfb';
  },
  run: async (tasks) => {
    const display = await openDisplay();
    const pages = await servePages();
    const port = await freePort();
    const driver = spawn(DRIVER, [`--port=${port}`], {
      stdio: 'ignore',
      env: { ...process.env, ...SHARED, DISPLAY: display.name },
    });
    try {
      await answers(port, driver);
      const session = await newSession(`http://127.0.0.1:${port}`, {});
      try {
        const outcomes: Outcome[] = [];
        for (const task of tasks) {
          await session.open(pages.url(task));
          outcomes.push(await runOnPage(session, task));
        }
        const note = 'SharedArrayBuffer needs JSC_useSharedArrayBuffer=1';
        return { version: session.version, engine: 'JavaScriptCore', outcomes, note };
      } finally {
        await session.end();
      }
    } finally {
      driver.kill();
      await pages.close();
      display.close();
    }
  },
};

async function runOnPage(session: Session, task: object): Promise<Outcome> {
  const { outcome, failure } = await session.evaluate<{ outcome?: Outcome; failure?: string }>(SCRIPT, task);
  if (!outcome) throw new Error(failure);
  return outcome;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until the driver can be asked. */
async function answers(port: number, driver: ChildProcess): Promise<void> {
  const end = Date.now() + TIME_LIMIT;
  while (Date.now() < end && driver.exitCode === null) {
    const response = await fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined);
    if (response?.ok) return;
    await delay(100);
  }
  throw new Error(`${DRIVER} does not answer.`);
}
