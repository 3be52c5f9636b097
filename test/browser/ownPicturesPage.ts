/** What tests do in the part of the page with pictures of one's own. */
import type { Locator, Page } from 'playwright-core';
import { eventually } from './demoPage.ts';
import type { OwnPicture } from './ownPictures.ts';

/** The card of a class. */
export function card(page: Page, name: string): Locator {
  return page.getByRole('group', { name, exact: true });
}

/** The names of the classes and how many pictures each has, as they are shown. */
export async function shownClasses(page: Page): Promise<Record<string, string>> {
  const entries = await page
    .locator('.class-card')
    .evaluateAll((cards) =>
      cards.map((each) => [
        each.querySelector<HTMLInputElement>('.class-name')!.value,
        each.querySelector('.class-count')!.textContent,
      ]),
    );
  return Object.fromEntries(entries) as Record<string, string>;
}

export async function rename(page: Page, from: string, to: string): Promise<void> {
  const field = card(page, from).locator('.class-name');
  await field.fill(to);
  await field.press('Enter');
}

/** What was said last of pictures. */
export function news(page: Page): Promise<string | null> {
  return page.locator('#pictures-status').textContent();
}

/** Picks files for a class, and waits until they are there. */
export async function pick(page: Page, className: string, pictures: readonly OwnPicture[]): Promise<void> {
  const files = pictures.map(({ name, bytes }) => ({
    name,
    mimeType: 'image/png',
    buffer: Buffer.from(bytes),
  }));
  const there = async (): Promise<number> =>
    parseInt((await card(page, className).locator('.class-count').textContent())!) || 0;
  const before = await there();
  await card(page, className).locator('input[type=file]').setInputFiles(files);
  await eventually(there).toBe(before + files.length);
}

/** Has classes of pictures, from the two that there are to begin with. */
export async function fill(page: Page, pictures: readonly OwnPicture[]): Promise<void> {
  const names = [...new Set(pictures.map(({ className }) => className))];
  for (const [i, name] of names.entries()) {
    if (i >= 2) await page.locator('#add-class').click();
    await rename(page, `Class ${i + 1}`, name);
    await pick(
      page,
      name,
      pictures.filter(({ className }) => className === name),
    );
  }
}
