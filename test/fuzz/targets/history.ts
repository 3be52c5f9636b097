/** Histories, and now and then the figure of one. */
import { OptionError } from '../../../src/errors.ts';
import { historyFromJson } from '../../../src/formats/historyJson.ts';
import { historySvg } from '../../../src/plot/historySvg.ts';
import { MB, type Target } from '../target.ts';
import { mutateText } from './networks.ts';

const corpus = [
  { epoch: [0, 1, 2], history: { loss: [1.5, 0.5, 0.25], accuracy: [0.1, 0.5, 0.9] } },
  {
    epoch: [4, 5],
    history: { loss: [2, 1], accuracy: [0.2, 0.3], val_loss: [3, 1e-7], val_accuracy: [0, 1] },
    stopped: true,
  },
].map((each) => JSON.stringify(each));

let drawn = 0;

export const history: Target = {
  name: 'history JSON',
  turns: 3,
  memory: { free: 64 * MB, perByte: 200 },
  make: (choices) => mutateText(corpus, choices),
  read: (bytes, name) => {
    const read = historyFromJson(new TextDecoder().decode(bytes), name);
    // Drawing takes a hundred times as long as reading.
    if (drawn++ % 20 !== 0) return;
    try {
      historySvg(read);
    } catch (error) {
      // As the command does, which knows where the history is from.
      if (!(error instanceof OptionError)) throw error;
      throw new OptionError(`${name}: ${error.message}`, { cause: error });
    }
  },
};
