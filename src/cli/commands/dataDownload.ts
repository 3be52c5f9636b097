import { join } from 'node:path';
import { fileSize } from '../../files/readFile.ts';
import { OptionError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { datasetOptions, definitionOf } from '../datasets.ts';
import { trackDownload } from '../downloadProgress.ts';
import { listenForInterrupts } from '../interrupt.ts';
import { Terminal } from '../terminal.ts';

export const command = defineCommand({
  options: { dataset: datasetOptions.dataset },
  examples: [
    ['data download', 'CIFAR-10: 170 MB, from www.cs.toronto.edu or CIFAR10_URL.'],
    ['data download --dataset mnist', '12 MB.'],
  ],
  notes:
    'An interrupted download is kept, and the next call goes on from there; while another process downloads, this one ' +
    'waits for it. What is fetched is checked against its ' +
    'SHA-256. CIFAR10_URL and CIFAR100_URL name another server that has the same archive, MNIST_URL and FASHION_MNIST_URL a ' +
    'folder that has the same files.',
  run: async (choice) => {
    const set = definitionOf(choice).published?.set;
    if (!set)
      throw new OptionError(`--dataset ${choice.dataset} is not downloaded: there is nothing to fetch.`);
    const { cacheFolder, locatePublished, variablesOf } = await import('../../data/published.ts');
    const terminal = new Terminal(process.stdout);
    const { signal, stopListening } = listenForInterrupts(() => {
      terminal.print('Stopping … (Ctrl-C again stops at once)');
    });
    try {
      const cached = await fileSize(join(cacheFolder(), set.folder, set.files[0]!));
      // Where the user keeps other files is of no interest here: this is about the cache.
      const env = { ...process.env, [variablesOf(set).dir]: undefined };
      const seen = { bytes: false };
      const folder = await trackDownload(set, terminal, signal, (from, download) =>
        locatePublished(from, {
          env,
          download: {
            ...download,
            onProgress: (received, total) => {
              seen.bytes = true;
              download.onProgress(received, total);
            },
          },
        }),
      );
      const there = cached !== undefined && !seen.bytes ? 'is there already:' : 'is in';
      terminal.print(`${set.title} ${there} ${folder}`);
    } finally {
      stopListening();
    }
  },
});
