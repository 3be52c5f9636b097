import { defineCommand } from '../command.ts';
import { optional, text } from '../options.ts';

export const command = defineCommand({
  options: {
    model: optional('Model:', 'A model file.', text, 'the tutorial’s network'),
  },
  examples: [
    ['summary', 'The network that train trains.'],
    ['summary --model runs/a/model.safetensors', 'The network of a saved model.'],
  ],
  run: async ({ model }) => {
    const { summarize } = await import('../../training/summary.ts');
    process.stdout.write(`${summarize(await networkOf(model))}\n`);
  },
});

async function networkOf(path: string | undefined) {
  if (path !== undefined) {
    const { loadModel } = await import('../../training/modelOnDisk.ts');
    return (await loadModel(path)).network;
  }
  const [{ buildNetwork }, { tutorialNetwork }] = await Promise.all([
    import('../../nn/network.ts'),
    import('../../networks/tutorial.ts'),
  ]);
  return buildNetwork(tutorialNetwork());
}
