import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PictureStore, type NewPicture } from '../../../src/browser/pictures/pictureStore.ts';
import { describeInBrowsers, describeInChromium, launchChromium, openPage } from '../chromium.ts';
import type { StaticServer } from '../staticServer.ts';
import { serveModule } from './bundledPage.ts';

type Store = PictureStore;

/** What is in a store, for messages: the names of the pictures of each class, with what is in them. */
async function contents(store: Store): Promise<[name: string, pictures: string[]][]> {
  const classes = await store.classes();
  return Promise.all(
    classes.map(async ({ id, name }): Promise<[string, string[]]> => {
      const pictures = await store.pictures(id);
      const texts = pictures.map(async (picture) => {
        const { width, height, rgba } = picture.thumbnail;
        return `${picture.name}: ${await picture.blob.text()}, ${width}×${height} of ${rgba.join('-')}`;
      });
      return [name, await Promise.all(texts)];
    }),
  );
}

/** Pictures of one pixel, whose bytes are as said. */
function pictures(...list: (readonly [name: string, text: string])[]): NewPicture[] {
  return list.map(([name, text], i) => ({
    name,
    blob: new Blob([text], { type: 'image/jpeg' }),
    thumbnail: { width: 1, height: 1, rgba: Uint8ClampedArray.of(i, 2, 3, 255) },
  }));
}

/** All that a store does. Self-contained, to be run in a page or here. */
async function everything(store: Store): Promise<void> {
  const check = (right: boolean, what: string): void => {
    if (!right) throw new Error(`This is wrong: ${what}`);
  };
  const named = async (classId: number): Promise<string> =>
    (await store.pictures(classId)).map(({ name }) => name).join();
  const picture = (name: string, bytes: BlobPart = name): NewPicture => ({
    name,
    blob: new Blob([bytes]),
    thumbnail: { width: 1, height: 1, rgba: new Uint8ClampedArray(4) },
  });
  const refused = (answer: Promise<unknown>): Promise<string> =>
    answer.then(
      () => '',
      (error: unknown) => `${(error as Error).name}: ${(error as Error).message}`,
    );
  check((await store.classes()).length === 0, 'it is empty at first');
  const cat = await store.addClass('cat');
  const dog = await store.addClass('dog');
  const added = await store.addPictures(cat.id, [picture('b.jpg'), picture('a.jpg'), picture('b.jpg')]);
  check(added.map(({ name }) => name).join() === 'b.jpg,a.jpg,b-2.jpg', 'names are made unique');
  check(new Set(added.map(({ id }) => id)).size === 3, 'ids are unique');
  check(
    added.every(({ classId }) => classId === cat.id),
    'they know their class',
  );
  await store.addPictures(cat.id, [picture('B.JPG'), picture('photo', Uint8Array.of(0xff, 0xd8, 0xff))]);
  await store.addPictures(dog.id, [picture('b.jpg')]);
  check((await named(cat.id)) === 'b.jpg,a.jpg,b-2.jpg,B-3.JPG,photo.jpg', 'they are in their order');
  check((await named(dog.id)) === 'b.jpg', 'another class has names of its own');
  check((await store.addPictures(dog.id, [])).length === 0, 'none can be added');
  await store.removePicture(added[2]!.id);
  await store.removePicture(12_345);
  await store.addPictures(cat.id, [picture('b.jpg')]);
  check((await named(cat.id)) === 'b.jpg,a.jpg,B-3.JPG,photo.jpg,b-2.jpg', 'a free name is taken again');
  await store.removePicture(added[1]!.id);
  check((await store.putBack(added[1]!)).name === 'a.jpg', 'what is put back has its name');
  check(
    (await named(cat.id)) === 'b.jpg,a.jpg,B-3.JPG,photo.jpg,b-2.jpg',
    'what is put back is where it was',
  );
  check((await store.putBack(added[2]!)).name === 'b-2-2.jpg', 'unless another has the name by now');
  check(
    (await named(cat.id)) === 'b.jpg,a.jpg,b-2-2.jpg,B-3.JPG,photo.jpg,b-2.jpg',
    'and the place all the same',
  );
  await store.removePicture(added[2]!.id);
  await store.renameClass(cat.id, 'Cats');
  check(
    (await store.classes()).map(({ name }) => name).join() === 'Cats,dog',
    'a renamed class keeps its place',
  );
  await store.removeClass(cat.id);
  check((await store.pictures(cat.id)).length === 0, 'pictures go with their class');
  check((await named(dog.id)) === 'b.jpg', 'others stay');
  const gone =
    'DataError: The class is no longer there, perhaps because of another tab: load the page again.';
  check(
    (await refused(store.addPictures(cat.id, [picture('c.jpg')]))) === gone,
    'no pictures without a class',
  );
  check((await refused(store.renameClass(cat.id, 'x'))) === gone, 'no class comes back by its name');
  check((await store.classes()).length === 1, 'none did');
  const bird = await store.addClass('bird');
  check(bird.id !== cat.id && bird.id !== dog.id, 'ids are not used again');
  await store.clear();
  check(
    (await store.classes()).length === 0 && (await store.pictures(dog.id)).length === 0,
    'it can be emptied',
  );
}

describe('where a browser keeps nothing', () => {
  it('classes and pictures are in memory', async () => {
    // As in Node.
    const store = await PictureStore.open();
    expect(store.persistent).toBe(false);
    await everything(store);
    const { id } = await store.addClass('cat');
    await store.addPictures(id, pictures(['1.jpg', 'one'], ['1.jpg', 'two']));
    expect(await contents(store)).toEqual([
      ['cat', ['1.jpg: one, 1×1 of 0-2-3-255', '1-2.jpg: two, 1×1 of 1-2-3-255']],
    ]);
  });
});

describeInBrowsers('the pictures of a page', (tested) => {
  let browser: Browser;
  let server: StaticServer;

  beforeAll(async () => {
    server = await serveModule('pictures/pictureStore.ts');
    browser = await tested.launch();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it('are kept, all or none', async () => {
    const page = await openPage(browser, server.url);
    expect(await inStore(page, everything)).toBe(true);
  });

  it('are there when it is loaded again, and in other tabs', async () => {
    const page = await openPage(browser, server.url);
    await inStore(page, async (store) => {
      const { id } = await store.addClass('cat');
      await store.addClass('nothing');
      const rgba = Uint8ClampedArray.of(1, 2, 3, 255, 5, 6, 7, 255);
      const blob = new Blob(['one'], { type: 'image/jpeg' });
      await store.addPictures(id, [{ name: '1.jpg', blob, thumbnail: { width: 2, height: 1, rgba } }]);
    });
    const expected = [
      ['cat', ['1.jpg: one, 2×1 of 1-2-3-255-5-6-7-255']],
      ['nothing', []],
    ];
    await page.reload();
    expect(await inStore(page, contents)).toEqual([true, expected]);
    const other = await page.context().newPage();
    await other.goto(server.url);
    expect(await inStore(other, contents)).toEqual([true, expected]);
  });

  it('are in memory where files cannot be kept', async () => {
    const page = await openPage(browser, server.url, () => {
      IDBObjectStore.prototype.put = () => {
        throw new DOMException('No files in private windows.', 'DataCloneError');
      };
    });
    expect(await inStore(page, everything)).toBe(false);
  });
});

describeInChromium('the pictures of a page', () => {
  let browser: Browser;
  let server: StaticServer;

  beforeAll(async () => {
    server = await serveModule('pictures/pictureStore.ts');
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it('are not to be swept, which is asked for when the first is added', async () => {
    const page = await openPage(browser, server.url, () => {
      const asked: string[] = [];
      Object.assign(globalThis, { asked });
      navigator.storage.persist = () => {
        asked.push('persist');
        return Promise.reject(new Error('no'));
      };
    });
    const asked = (): Promise<string[]> => page.evaluate('asked');
    await inStore(page, (store) => store.classes());
    expect(await asked()).toEqual([]);
    await inStore(page, async (store) => {
      const { id } = await store.addClass('cat');
      await store.addPictures(id, []);
    });
    expect(await asked()).toEqual(['persist']);
  });

  it('need room: else none is added, and people are told what to do', async () => {
    const page = await openPage(browser, server.url);
    const client = await page.context().newCDPSession(page);
    await client.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: 3e6 });
    const outcome = await inStore(page, async (store) => {
      const { id } = await store.addClass('cat');
      const thumbnail = { width: 1, height: 1, rgba: new Uint8ClampedArray(4) };
      const ofSize = (bytes: number): NewPicture => {
        const noise = new Uint8Array(bytes);
        for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(noise.subarray(at, at + 65_536));
        return { name: 'cat.jpg', blob: new Blob([noise]), thumbnail };
      };
      await store.addPictures(id, [ofSize(1000)]);
      const said = await store.addPictures(id, [ofSize(1000), ofSize(2e7), ofSize(1000)]).then(
        () => '',
        (error: unknown) => `${(error as Error).name}: ${(error as Error).message}`,
      );
      const left = (await store.pictures(id)).map(({ name }) => name);
      return { said, left };
    });
    expect(outcome).toEqual([
      true,
      {
        said: 'DataError: The browser has no room for these pictures, and none of them was added: remove others, or free some space on the disk.',
        left: ['cat.jpg'],
      },
    ]);
  });

  it('are lost when somebody clears them, and it is said so', async () => {
    const page = await openPage(browser, server.url);
    const outcome = await inStore(page, async (store) => {
      const { id } = await store.addClass('cat');
      // As when another tab deletes the database: the connection has to be closed.
      await new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase('simdnet-pictures');
        request.onsuccess = resolve;
        request.onerror = reject;
      });
      return store.pictures(id).then(
        () => '',
        (error: unknown) => `${(error as Error).name}: ${(error as Error).message}`,
      );
    });
    expect(outcome).toEqual([
      true,
      expect.stringMatching(/^DataError: The browser could not keep or give back the pictures \(.+\): load/),
    ]);
  });
});

/** Does something with the store of a page. @returns whether that is persistent, and what came of it if there is anything */
async function inStore(page: Page, action: (store: Store) => Promise<unknown>): Promise<unknown> {
  const [persistent, value] = await page.evaluate<[boolean, unknown]>(`(async () => {
    const store = await tested.PictureStore.open();
    return [store.persistent, await (${action.toString()})(store)];
  })()`);
  return value === undefined ? persistent : [persistent, value];
}
