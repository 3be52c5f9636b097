import { defineCommand } from '../command.ts';
import { withFolder } from '../pictures/withFolder.ts';
import { trainOptions } from '../train/trainOptions.ts';

export const command = defineCommand({
  options: trainOptions,
  examples: [
    ['train', 'CIFAR-10, 15 epochs.'],
    ['train --dataset shapes', 'Needs no download.'],
    ['train --dataset mnist', 'Handwritten digits.'],
    ['train --dataset digits.npz', 'Arrays x_train and y_train of your own.'],
    ['train FOLDER', 'Pictures of your own: a folder for each class.'],
    ['train --epochs 1 --out runs/try', 'A short try.'],
    ['train --recipe airbench94', '94 % on CIFAR-10.'],
    ['train --network resnet18', 'A deep network.'],
    ['train --tier simd', 'The same bits on every machine.'],
    ['train --resume runs/a', 'Goes on with a run.'],
    ["train --from runs/a --freeze 'conv2d*'", 'Trains the last layers anew.'],
    ['train --config FILE', 'Options from a file, or of a run.json.'],
  ],
  notes:
    'The folder of the results holds model.safetensors, history.json and history.csv (written anew after every ' +
    'epoch), accuracy.png, run.json and the last two checkpoints; an earlier run in the same folder is replaced. The ' +
    'seed and the tier decide the result to the last bit, the number of threads does not. Ctrl-C or SIGTERM stops ' +
    'after the step under way and saves what there is; a second one stops at once, and leaves what was saved before. ' +
    'What was stopped, killed or failed goes on with --resume, to the same bits; only --epochs (more of them, but not of a recipe), ' +
    '--threads, --data-dir and --checkpoint-every may then differ. --from, --freeze, --class-weight and --config are ' +
    'explained in docs/transfer-learning.md. With --recipe, whose parts docs/recipes.md explains, --epochs, --batch-size, --validation-split and all ' +
    'that is no matter of learning may be given; in the end the accuracy over its views is told, too. The shapes dataset is always the same; --seed ' +
    'does not change it. ' +
    'CIFAR-10, CIFAR-100, MNIST and Fashion-MNIST are downloaded if they are not there; CIFAR10_URL and the like name another ' +
    'server.',
  complete: async (typed, operands) => {
    if (typed.config === undefined) return typed;
    const { withConfig } = await import('../train/config.ts');
    return withConfig(typed, operands.length > 0);
  },
  run: async (typed, context) => {
    const { values, given } = withFolder(typed, context.operands, context.given);
    const [{ train }, { withNormalizing }, { withRecipe }] = await Promise.all([
      import('../train/train.ts'),
      import('../train/normalizing.ts'),
      import('../train/recipeOptions.ts'),
    ]);
    // A run goes on as it began.
    const chosen = values.resume === undefined ? withNormalizing(withRecipe(values, given), given) : values;
    await train(chosen, { ...context, given });
  },
});
