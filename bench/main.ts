/** The benchmarks: `npm run bench -- <what>`. How to read them: bench/README.md. */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { augmentationCommand } from './commands/augmentation.ts';
import { browserCommand } from './commands/browser.ts';
import { kernelsCommand } from './commands/kernels.ts';
import { networksCommand } from './commands/networks.ts';
import { ownPicturesCommand } from './commands/ownPictures.ts';
import { peersCommand } from './commands/peers.ts';
import { profileCommand } from './commands/profile.ts';
import { recipeCommand } from './commands/recipe.ts';
import { scalingCommand } from './commands/scaling.ts';
import { stepCommand } from './commands/step.ts';

await yargs(hideBin(process.argv))
  .scriptName('npm run bench --')
  .command(stepCommand)
  .command(kernelsCommand)
  .command(networksCommand)
  .command(profileCommand)
  .command(peersCommand)
  .command(recipeCommand)
  .command(scalingCommand)
  .command(browserCommand)
  .command(augmentationCommand)
  .command(ownPicturesCommand)
  .strict()
  .help()
  .parseAsync();
