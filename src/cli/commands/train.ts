import { defineCommand } from '../command.ts';
import { withFolder } from '../pictures/folderOptions.ts';
import { trainOptions } from '../train/trainOptions.ts';

export const command = defineCommand({
  options: trainOptions,
  examples: [
    ['train', 'CIFAR-10, 15 epochs.'],
    ['train --dataset shapes', 'Needs no download.'],
    ['train FOLDER', 'Pictures of your own: a folder for each class.'],
    ['train --epochs 1 --out runs/try', 'A short try.'],
    ['train --network resnet18', 'A deep network.'],
    ['train --tier simd', 'The same bits on every machine.'],
    ['train --resume runs/a', 'Goes on with a run.'],
  ],
  notes:
    'The folder of the results holds model.safetensors, history.json and history.csv (written anew after every ' +
    'epoch), accuracy.png, run.json and the last two checkpoints; an earlier run in the same folder is replaced. The ' +
    'seed and the tier decide the result to the last bit, the number of threads does not. Ctrl-C or SIGTERM stops ' +
    'after the step under way and saves what there is; a second one stops at once, and leaves what was saved before. ' +
    'What was stopped, killed or failed goes on with --resume, to the same bits; only --epochs (more of them), ' +
    '--threads, --data-dir and --checkpoint-every may then differ. The shapes dataset is always the same; --seed ' +
    'does not change it. ' +
    'CIFAR-10 is downloaded if it is not there; CIFAR10_URL names another server.',
  run: async (typed, context) => {
    const { values, given } = withFolder(typed, context.operands, context.given);
    const { train } = await import('../train/train.ts');
    await train(values, { ...context, given });
  },
});
