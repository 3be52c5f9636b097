import { expect, it } from 'vitest';
import { classesToCsv, confusionToCsv } from '../../src/formats/reportCsv.ts';

it('has a row for each class, every digit, and names quoted where they must be', () => {
  const scores = { precision: 1 / 3, recall: 0, f1: 1e-7, support: 12, predicted: 3 };
  expect(
    classesToCsv([
      { name: 'cat', ...scores },
      { name: 'a "b",\nc', ...scores },
    ]),
  ).toBe(
    'class,precision,recall,f1,support,predicted\n' +
      'cat,0.3333333333333333,0,1e-7,12,3\n' +
      '"a ""b"",\nc",0.3333333333333333,0,1e-7,12,3\n',
  );
});

it('has classes in rows and answers in columns', () => {
  const confusion = [
    [1, 2],
    [0, 3],
  ];
  expect(confusionToCsv(confusion, ['cat', 'a,b'])).toBe('actual,cat,"a,b"\ncat,1,2\n"a,b",0,3\n');
});
