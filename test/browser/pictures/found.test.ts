import { describe, expect, it } from 'vitest';
import { byClass, foundOf, type FoundPicture } from '../../../src/browser/pictures/found.ts';
import { DataError } from '../../../src/errors.ts';

function found(...paths: string[]): FoundPicture[] {
  return paths.map((path) => ({ path, file: new File([path], path.slice(path.lastIndexOf('/') + 1)) }));
}

/** The paths of what is in each class. */
async function classes(fallback: string | undefined, ...paths: string[]): Promise<Record<string, string[]>> {
  const entries = Array.from(
    byClass(found(...paths), fallback),
    async ([name, files]): Promise<[string, string[]]> => [
      name,
      await Promise.all(files.map((file) => file.text())),
    ],
  );
  return Object.fromEntries(await Promise.all(entries));
}

describe('the class of a picture', () => {
  it('is the folder that it lies in', async () => {
    expect(await classes(undefined, 'cat/1.jpg', 'cat/2.png', 'dog/3.webp')).toEqual({
      cat: ['cat/1.jpg', 'cat/2.png'],
      dog: ['dog/3.webp'],
    });
    expect(await classes('x', 'cat/1.jpg')).toEqual({ cat: ['cat/1.jpg'] });
  });

  it('is so at whatever depth', async () => {
    expect(await classes(undefined, 'cat/a/b/1.jpg', 'cat/2.jpg', 'dog/c/3.jpg')).toEqual({
      cat: ['cat/a/b/1.jpg', 'cat/2.jpg'],
      dog: ['dog/c/3.jpg'],
    });
  });

  it('is not a folder around all of them', async () => {
    const expected = { cat: ['a/b/cat/1.jpg'], dog: ['a/b/dog/2.jpg'] };
    expect(await classes(undefined, 'a/b/cat/1.jpg', 'a/b/dog/2.jpg')).toEqual(expected);
    expect(await classes(undefined, 'pets/cat/1.jpg', 'pets/note.txt')).toEqual({ cat: ['pets/cat/1.jpg'] });
    expect(await classes(undefined, 'pets/cat/1.jpg', 'birds/hen/2.jpg')).toEqual({
      pets: ['pets/cat/1.jpg'],
      birds: ['birds/hen/2.jpg'],
    });
  });

  it('is not train, val or test, where these are parts', async () => {
    expect(
      await classes(
        undefined,
        'pets/train/cat/1.jpg',
        'pets/train/dog/2.jpg',
        'pets/val/cat/3.jpg',
        'pets/validation/cat/4.jpg',
        'pets/test/dog/5.jpg',
      ),
    ).toEqual({
      cat: ['pets/train/cat/1.jpg', 'pets/val/cat/3.jpg', 'pets/validation/cat/4.jpg'],
      dog: ['pets/train/dog/2.jpg', 'pets/test/dog/5.jpg'],
    });
    expect(await classes(undefined, 'train/cat/1.jpg', 'train/dog/2.jpg')).toEqual({
      cat: ['train/cat/1.jpg'],
      dog: ['train/dog/2.jpg'],
    });
  });

  it('is none of these by another name, or in capitals', async () => {
    expect(
      await classes(
        undefined,
        'Training/cat/1.jpg',
        'Training/dog/2.jpg',
        'VALID/cat/3.jpg',
        'Test/dog/4.jpg',
      ),
    ).toEqual({
      cat: ['Training/cat/1.jpg', 'VALID/cat/3.jpg'],
      dog: ['Training/dog/2.jpg', 'Test/dog/4.jpg'],
    });
  });

  it('may be train, where that is no part', async () => {
    expect(await classes(undefined, 'train/1.jpg', 'plane/2.jpg')).toEqual({
      train: ['train/1.jpg'],
      plane: ['plane/2.jpg'],
    });
    expect(await classes(undefined, 'train/old/1.jpg', 'plane/2.jpg')).toEqual({
      train: ['train/old/1.jpg'],
      plane: ['plane/2.jpg'],
    });
    expect(await classes(undefined, 'Training/1.jpg', 'Testing/2.jpg')).toEqual({
      Training: ['Training/1.jpg'],
      Testing: ['Testing/2.jpg'],
    });
  });

  it('is another for pictures in no folder, if there is one', async () => {
    expect(await classes('cat', '1.jpg', 'dog/2.jpg')).toEqual({ cat: ['1.jpg'], dog: ['dog/2.jpg'] });
    expect(await classes(undefined, '1.jpg', 'dog/2.jpg')).toEqual({ dog: ['dog/2.jpg'] });
    // Whoever drops it will be told what is wrong with it.
    expect(await classes('cat', 'animation.gif')).toEqual({ cat: ['animation.gif'] });
  });

  it('is none for what systems leave behind, and what is no picture', async () => {
    const paths = [
      '__MACOSX/pets/cat/._1.jpg',
      'pets/.DS_Store',
      'pets/cat/1.jpg',
      'pets/cat/.hidden.jpg',
      'pets/cat/Thumbs.db',
      'pets/cat/notes.txt',
      'pets/.git/2.jpg',
    ];
    expect(await classes('x', ...paths)).toEqual({ cat: ['pets/cat/1.jpg'] });
    expect(await classes('x', '.DS_Store')).toEqual({});
  });

  it('is the folder of pictures that are not read, too: whoever has them is told', async () => {
    const paths = ['a.HEIC', 'b.heif', 'c.avif', 'd.gif', 'e.bmp', 'f.tif', 'g.tiff'].map(
      (name) => `cat/${name}`,
    );
    expect(await classes(undefined, ...paths, 'cat/h.heic.txt')).toEqual({ cat: paths });
  });

  it('may be called as nothing else', () => {
    expect([
      ...byClass(found('__proto__/1.jpg', 'constructor/2.jpg', 'toString/3.jpg'), undefined).keys(),
    ]).toEqual(['__proto__', 'constructor', 'toString']);
  });
});

/** A folder as a browser gives it: a few of its entries at a time. */
function folder(path: string, ...inner: FileSystemEntry[]): FileSystemEntry {
  return entry(path, {
    createReader: () => {
      const left = [...inner];
      return {
        readEntries: (done: (entries: FileSystemEntry[]) => void) => {
          done(left.splice(0, 2));
        },
      };
    },
  });
}

function dropped(path: string, fails?: Error): FileSystemEntry {
  return entry(path, {
    isFile: true,
    file: (done: (file: File) => void, failed: (error: Error) => void) => {
      if (fails) failed(fails);
      else done(found(path)[0]!.file);
    },
  });
}

function entry(path: string, more: object): FileSystemEntry {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { name, fullPath: path, isFile: false, ...more } as unknown as FileSystemEntry;
}

function transfer(...entries: (FileSystemEntry | File | null)[]): DataTransfer {
  const items = entries.map((each) => ({
    webkitGetAsEntry: () => (each instanceof File ? null : each),
    getAsFile: () => (each instanceof File ? each : null),
  }));
  return { items } as unknown as DataTransfer;
}

describe('what is dropped', () => {
  it('is found in folders, however many files are in them, in an order of its own', async () => {
    const files = await foundOf(
      transfer(
        folder(
          '/pets',
          dropped('/pets/10.jpg'),
          dropped('/pets/9.jpg'),
          folder('/pets/cat', dropped('/pets/cat/b.jpg'), dropped('/pets/cat/a.jpg')),
          dropped('/pets/.DS_Store'),
          folder('/pets/__MACOSX', dropped('/pets/__MACOSX/x.jpg')),
        ),
        dropped('/one.jpg'),
        new File(['x'], 'from a program.png'),
        null,
      ),
    );
    expect(files.map(({ path }) => path)).toEqual([
      'from a program.png',
      'one.jpg',
      'pets/9.jpg',
      'pets/10.jpg',
      'pets/cat/a.jpg',
      'pets/cat/b.jpg',
    ]);
  });

  it('may not be readable', async () => {
    const bad = transfer(folder('/pets', dropped('/pets/1.jpg', new Error('No permission.'))));
    await expect(foundOf(bad)).rejects.toThrow(DataError);
    await expect(foundOf(bad)).rejects.toThrow('pets/1.jpg cannot be read: No permission.');
  });
});

describe('what is picked', () => {
  it('is where it lies in the folder that was picked', async () => {
    const files = found('cat/2.jpg', 'cat/1.jpg', 'loose.jpg', 'cat/.DS_Store').map(({ path, file }) =>
      Object.assign(file, { webkitRelativePath: path.includes('/') ? path : '' }),
    );
    const list = await foundOf(files as unknown as FileList);
    expect(list.map(({ path }) => path)).toEqual(['cat/1.jpg', 'cat/2.jpg', 'loose.jpg']);
  });
});
