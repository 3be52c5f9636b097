/** The models in the package nsfwjs, as the files that it wraps: `model.json`, and its shards in base64. */
import { createRequire } from 'node:module';
import type { ExportedFile } from '../../src/exchange/exported.ts';

/** @param shards  how many there are */
export function nsfwjsFiles(name: string, shards: number): ExportedFile[] {
  const require = createRequire(import.meta.url);
  const folder = `${require.resolve('nsfwjs').replace(/dist[\\/].*$/, '')}dist/models/${name}`;
  const content = JSON.stringify(require(`${folder}/model.min.js`));
  const shard = (i: number): ExportedFile => {
    const path = `group1-shard${i + 1}of${shards}`;
    return {
      name: path,
      content: new Uint8Array(Buffer.from(require(`${folder}/${path}.min.js`) as string, 'base64')),
    };
  };
  return [{ name: 'model.json', content }, ...Array.from({ length: shards }, (_, i) => shard(i))];
}
