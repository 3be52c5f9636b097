import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/**
 * The functions of Math that are "implementation-approximated" in ECMAScript. So is sqrt, but that is one instruction on every
 * processor, which IEEE 754 wants exactly rounded.
 */
const APPROXIMATED = [
  ...[
    'acos',
    'acosh',
    'asin',
    'asinh',
    'atan',
    'atan2',
    'atanh',
    'cbrt',
    'cos',
    'cosh',
    'exp',
    'expm1',
    'hypot',
  ],
  ...['log', 'log10', 'log1p', 'log2', 'pow', 'sin', 'sinh', 'tan', 'tanh'],
];

export default tseslint.config(
  { ignores: ['dist/', 'runs/', 'assembly/**/*.ts', 'bench/results/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Typed arrays are read at indices the loops have already bounded.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['src/formats/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [{ group: ['node:fs*', 'node:path'], message: 'What touches the disk is in src/files.' }],
        },
      ],
    },
  },
  {
    // All that results depend on, which must be the same in every JavaScript engine. What is left out only shows or waits.
    files: ['src/**/*.ts'],
    ignores: ['src/{cli,plot,bundle}/**', 'src/browser/{page,server}/**', 'src/data/download.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...['BinaryExpression[operator="**"]', 'AssignmentExpression[operator="**="]'].map((selector) => ({
          selector,
          message: 'ECMAScript leaves its digits to the engine: multiply, or use pow of src/ieeeMath.ts.',
        })),
      ],
      'no-restricted-properties': [
        'error',
        ...APPROXIMATED.map((property) => ({
          object: 'Math',
          property,
          message: 'ECMAScript leaves its digits to the engine: src/ieeeMath.ts has its own.',
        })),
        { object: 'Math', property: 'random', message: 'Everything random has a seed: see src/random.ts.' },
        ...['localeCompare', 'toLocaleLowerCase', 'toLocaleUpperCase'].map((property) => ({
          property,
          message: 'It differs from one locale to the next.',
        })),
      ],
      'no-restricted-globals': [
        'error',
        { name: 'Intl', message: 'It differs from one locale to the next.' },
      ],
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: { console: 'readonly', process: 'readonly', URL: 'readonly', Buffer: 'readonly' },
    },
  },
  prettier,
);
