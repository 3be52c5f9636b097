import { expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { historyToCsv } from '../../src/formats/csv.ts';

it('writes a column for each metric, epochs from 1, every digit', () => {
  const history = { loss: [1 / 3, 1e-7], 'a "b",c': [0.1 + 0.2, NaN] };
  expect(historyToCsv({ epoch: [0, 1], history })).toBe(
    'epoch,loss,"a ""b"",c"\n1,0.3333333333333333,0.30000000000000004\n2,1e-7,NaN\n',
  );
});

it('refuses a history without epochs or with missing values', () => {
  expect(() => historyToCsv({ epoch: [], history: { loss: [] } })).toThrow(OptionError);
  expect(() => historyToCsv({ epoch: [0, 1], history: { loss: [1] } })).toThrow('1 values of "loss"');
});
