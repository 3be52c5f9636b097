import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { defineCommand } from '../command.ts';
import { trackDownload } from '../downloadProgress.ts';
import { listenForInterrupts } from '../interrupt.ts';
import { Terminal } from '../terminal.ts';

export const command = defineCommand({
  options: {},
  examples: [['data download', '170 MB, from www.cs.toronto.edu or CIFAR10_URL.']],
  notes:
    'An interrupted download is kept, and the next call goes on from there; while another process downloads, this one ' +
    'waits for it. The archive is checked against its ' +
    'SHA-256. CIFAR10_URL names another server that has the same archive.',
  run: async () => {
    const { cacheFolder, locateCifar10 } = await import('../../data/locate.ts');
    const terminal = new Terminal(process.stdout);
    const { signal, stopListening } = listenForInterrupts(() => {
      terminal.print('Stopping … (Ctrl-C again stops at once)');
    });
    try {
      const cached = await stat(join(cacheFolder(), 'cifar-10-batches-bin')).catch(() => undefined);
      // Where the user keeps other files is of no interest here: this is about the cache.
      const env = { ...process.env, CIFAR10_DIR: undefined };
      const seen = { bytes: false };
      const folder = await trackDownload(terminal, signal, (download) =>
        locateCifar10({
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
      terminal.print(
        cached && !seen.bytes ? `CIFAR-10 is there already: ${folder}` : `CIFAR-10 is in ${folder}`,
      );
    } finally {
      stopListening();
    }
  },
});
