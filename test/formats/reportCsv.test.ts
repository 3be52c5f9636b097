import { expect, it } from 'vitest';
import { classesToCsv, confusionToCsv, mistakesToCsv } from '../../src/formats/reportCsv.ts';

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

it('has a row for each mistake, with its file where there are files', () => {
  const mistake = { index: 7, actual: 1, actualProbability: 0.1, predicted: 0, probability: 0.875 };
  const classNames = ['cat', 'a,b'];
  expect(mistakesToCsv([mistake], classNames)).toBe(
    'index,actual,predicted,probability\n7,"a,b",cat,0.875\n',
  );
  expect(mistakesToCsv([{ ...mistake, file: 'a,b/1.png' }], classNames)).toBe(
    'file,actual,predicted,probability\n"a,b/1.png","a,b",cat,0.875\n',
  );
});
