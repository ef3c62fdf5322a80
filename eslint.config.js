import jestPlugin from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';

/**
 * Which folders of src/ a folder of it may import from, and cdk8s/ beside it: a dependency points inwards only.
 * A folder that is missing here may import from none.
 */
const MAY_IMPORT = {
  window: [],
  trade: [],
  resource: [],
  scaling: [],
  tls: [],
  plan: ['resource'],
  pipeline: ['window', 'trade', 'resource'],
  source: ['pipeline', 'trade', 'resource'],
  feed: ['pipeline', 'trade', 'source'],
  sink: ['pipeline', 'trade', 'window'],
  kafka: ['pipeline', 'scaling', 'tls', 'trade', 'window', 'resource'],
  redis: ['pipeline', 'tls', 'window', 'resource'],
  registry: ['pipeline', 'tls', 'trade'],
  http: ['pipeline'],
  operator: ['resource', 'pipeline', 'scaling'],
  kube: ['operator', 'pipeline'],
  'external-metrics': ['kube', 'operator', 'pipeline', 'resource'],
  cli: [
    'window',
    'trade',
    'resource',
    'pipeline',
    'tls',
    'source',
    'feed',
    'sink',
    'kafka',
    'redis',
    'registry',
    'http',
    'operator',
    'kube',
    'external-metrics',
    'plan',
    '../cdk8s',
  ],
};

/** Packages that one folder alone may import, so that everything else stays free of them. */
const OWNED_PACKAGES = {
  '@kubernetes/client-node': 'kube',
  kafkajs: 'kafka',
  snappy: 'kafka',
  'lz4-napi': 'kafka',
  'aws-msk-iam-sasl-signer-js': 'kafka',
  ioredis: 'redis',
  avsc: 'registry',
  protobufjs: 'registry',
  'prom-client': 'http',
  pino: 'cli',
  '@peculiar/x509': 'external-metrics',
};
/** Those of the constructs, which only cdk8s/ imports. */
const CONSTRUCT_PACKAGES = ['cdk8s', 'cdk8s-plus-27', 'constructs'];

/** The pure core: no I/O, no clock, no randomness. */
const PURE = ['window', 'trade', 'scaling'];

const boundaries = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: allowed.length > 0 ? `^\\.\\./(?!(${allowed.join('|')})/)` : '^\\.\\./',
            message: `src/${folder} may import from: ${allowed.join(', ') || 'itself only'}.`,
          },
          {
            regex: `^(${CONSTRUCT_PACKAGES.join('|')})(/|$)`,
            message: 'Only cdk8s/ imports the packages of constructs.',
          },
          ...Object.entries(OWNED_PACKAGES)
            .filter(([, owner]) => owner !== folder)
            .map(([name, owner]) => ({
              regex: `^${name}(/|$)`,
              message: `Only src/${owner} imports ${name}.`,
            })),
          ...(PURE.includes(folder)
            ? [{ regex: '^node:(?!buffer$)', message: `src/${folder} is pure: no I/O.` }]
            : []),
        ],
      },
    ],
  },
}));

/** Constructs know what a pipeline is and, by its types, what the operator asks for; nothing of how it runs. */
const constructBoundary = {
  files: ['cdk8s/**/*.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: '^(\\.\\./)+src/(?!(resource|operator)/)',
            message: 'cdk8s may import from src/resource, and types from src/operator.',
          },
          {
            regex: '^(\\.\\./)+src/operator/',
            allowTypeImports: true,
            message: 'cdk8s may import types only from src/operator.',
          },
        ],
      },
    ],
    'no-new': 'off', // a construct puts itself into its scope
  },
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/prefer-for-of': 'off', // hot loops index typed arrays by number
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  ...boundaries,
  constructBoundary,
  {
    files: ['src/window/**/*.ts', 'src/trade/**/*.ts', 'src/scaling/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'process', 'fetch'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'The core is pure: time is an argument.' },
        { object: 'Math', property: 'random', message: 'The core is pure: randomness is an argument.' },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    extends: [jestPlugin.configs['flat/recommended']],
    rules: {
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', 'fc.assert'] }],
      'jest/no-standalone-expect': 'off',
    },
  },
  { files: ['test/contract/*.contract.ts'], rules: { 'jest/no-export': 'off' } }, // a suite that adapters run
  { files: ['bench/**/*.ts'], rules: { 'no-console': 'off' } },
  { files: ['**/*.js', '**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
);
