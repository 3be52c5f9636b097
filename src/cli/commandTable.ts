import type { Command } from './command.ts';

/** A command, or a group of commands. */
export interface Entry {
  readonly describe: string;
  /** What the command takes besides options, such as "[images..]". */
  readonly operands?: {
    readonly usage: string;
    readonly name: string;
    readonly describe: string;
    readonly defaultDescription?: string;
  };
  /** Loads the command: only the one that is asked for, since start-up is time that a person waits. */
  readonly load?: () => Promise<{ command: Command }>;
  readonly subcommands?: Readonly<Record<string, Entry>>;
}

/** Every command, in the order of the help. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  train: {
    describe: 'Train a network, test it and save it.',
    operands: {
      usage: '[folder]',
      name: 'folder',
      describe: 'Pictures of your own: a folder for each class.',
      defaultDescription: 'what --dataset says',
    },
    load: () => import('./commands/train.ts'),
  },
  runs: {
    describe: 'List the runs of a folder, and how they ended.',
    operands: {
      usage: '[folder]',
      name: 'folder',
      describe: 'Where they are.',
      defaultDescription: 'runs',
    },
    load: () => import('./commands/runs.ts'),
  },
  rerun: {
    describe: 'Repeat a run, and compare the bytes.',
    operands: { usage: '<run>', name: 'run', describe: 'The folder of a run.' },
    load: () => import('./commands/rerun.ts'),
  },
  evaluate: {
    describe: 'Test a saved model on the test images.',
    operands: {
      usage: '[folder]',
      name: 'folder',
      describe: 'Pictures of your own: a folder for each class.',
      defaultDescription: 'what --dataset says',
    },
    load: () => import('./commands/evaluate.ts'),
  },
  predict: {
    describe: 'Tell what is on images.',
    operands: {
      usage: '[images..]',
      name: 'images',
      describe: 'PNG, JPEG and WebP files of any size, and folders of them.',
      defaultDescription: 'a test image',
    },
    load: () => import('./commands/predict.ts'),
  },
  summary: {
    describe: 'Show a network’s layers and parameters.',
    operands: {
      usage: '[folder]',
      name: 'folder',
      describe: 'Pictures of your own: a folder for each class.',
      defaultDescription: 'none',
    },
    load: () => import('./commands/summary.ts'),
  },
  plot: {
    describe: 'Draw the accuracy and the loss of a training.',
    operands: { usage: '<run>', name: 'run', describe: 'The folder of a run, or its history.json.' },
    load: () => import('./commands/plot.ts'),
  },
  convert: {
    describe: 'Make a model of one program one of another.',
    operands: {
      usage: '[files..]',
      name: 'files',
      describe: 'IN, the model, and OUT, what it becomes.',
    },
    load: () => import('./commands/convert.ts'),
  },
  export: {
    describe: 'Make a model one for other programs, or a page.',
    operands: { usage: '<model>', name: 'model', describe: 'The folder of a run, or a model’s file.' },
    load: () => import('./commands/export.ts'),
  },
  data: {
    describe: 'Download, check or look at the images.',
    subcommands: {
      download: {
        describe: 'Download a dataset into the cache.',
        load: () => import('./commands/dataDownload.ts'),
      },
      verify: {
        describe: 'Check the files of a dataset.',
        load: () => import('./commands/dataVerify.ts'),
      },
      inspect: {
        describe: 'Look into a folder of pictures: classes, sizes, damage, duplicates.',
        operands: {
          usage: '<folder>',
          name: 'folder',
          describe: 'Pictures of your own: a folder for each class.',
        },
        load: () => import('./commands/dataInspect.ts'),
      },
      samples: {
        describe: 'Draw some images of each class on one sheet.',
        operands: {
          usage: '[folder]',
          name: 'folder',
          describe: 'Pictures of your own: a folder for each class.',
          defaultDescription: 'what --dataset says',
        },
        load: () => import('./commands/dataSamples.ts'),
      },
    },
  },
};
