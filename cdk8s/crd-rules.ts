import { MOST_REKEYED_PARTITIONS } from '../src/resource/kafka-names.ts';

/*
 * What a schema can't say, in CEL (https://kubernetes.io/docs/reference/using-api/cel/), which the API server applies.
 * They are the checks of src/resource once more, so that a mistake is told at `kubectl apply`; a test holds both against
 * the same resources. On a cluster there are no files: a pipeline reads and writes topics there.
 */

export interface Rule {
  /** True for a sound value. `self` is the value that the rule stands at. */
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
}

interface Schema {
  required?: string[];
  default?: unknown;
  properties?: Record<string, Schema>;
  items?: Schema;
  oneOf?: object[];
  'x-kubernetes-validations'?: readonly Rule[];
}

/** On the whole resource. Its name becomes the value of labels. */
export const ROOT_RULES: readonly Rule[] = [
  {
    rule: "self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",
    message: 'metadata.name: expected at most 63 small letters, digits and inner hyphens such as stocks',
  },
];

/** What a pipeline file may leave to the command line, which a cluster has not. */
const NEEDED = ['kafka', 'input', 'output'];

/** The schema of the spec, with the rules in their places. */
export function withRules(spec: Schema): object {
  spec.required = [...(spec.required ?? []), ...NEEDED];
  for (const section of NEEDED) delete schemaAt(spec, section).default;
  for (const [place, rules] of Object.entries(RULES)) {
    schemaAt(spec, place)['x-kubernetes-validations'] = rules;
  }
  // The type of bootstrapServers, a list or a text, is beyond CEL; presence alone is not.
  schemaAt(spec, 'kafka').oneOf = [{ required: ['cluster'] }, { required: ['bootstrapServers'] }];
  return spec;
}

/** `windows[].size`: the schema of the sizes of all windows; '' is the spec itself. */
function schemaAt(spec: Schema, place: string): Schema {
  const steps = place === '' ? [] : place.replaceAll('[]', '.[]').split('.');
  return steps.reduce<Schema>((schema, step) => {
    const inner = step === '[]' ? schema.items : schema.properties?.[step];
    if (inner === undefined) throw new Error(`The spec has no ${place} to put a rule on.`);
    return inner;
  }, spec);
}

const TOPIC_IS_NO_DOT: Rule = {
  rule: "self != '.' && self != '..'",
  message: 'expected the name of a Kafka topic such as stocks',
};

const ABOVE_ZERO: Rule = {
  rule: `${ms('self')} > 0`,
  message: 'expected a duration above zero such as 3s',
};

const FIELDS = ['symbol', 'price', 'quantity', 'time'];

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  '': [
    ...['output', 'late', 'deadLetters'].map((section) => ({
      rule: `!has(self.${section}) || !has(self.${section}.topic) || !has(self.input.topic) || self.${section}.topic != self.input.topic`,
      message: 'expected a topic other than the input, or the pipeline would feed on itself',
      fieldPath: `.${section}.topic`,
    })),
    {
      rule: "!has(self.input.format) || self.input.format in ['csv', 'json'] || has(self.schemaRegistry)",
      message: 'schemaRegistry: avro and protobuf need the registry that has the schemas',
    },
    {
      rule: '!has(self.scaling) || !has(self.input.partitions) || self.scaling.maxReplicas <= self.input.partitions',
      message: 'expected at most input.partitions: a replica without a partition has nothing to do',
      fieldPath: '.scaling.maxReplicas',
    },
    {
      rule: "!has(self.input.rekey) || !self.input.rekey || !has(self.emit) || self.emit == 'final'",
      message:
        'expected final with input.rekey, because early results would depend on which partition is read first',
      fieldPath: '.emit',
    },
    {
      rule: '!has(self.replicas) || !has(self.scaling)',
      message: 'does not go with scaling, which decides how many run: keep one of them',
      fieldPath: '.replicas',
    },
  ],
  input: [
    {
      rule: 'has(self.topic) && !has(self.file) && !has(self.socket) && !has(self.demo)',
      message: 'on a cluster a pipeline reads a Kafka topic: expected topic alone, such as topic: stocks',
    },
    {
      rule: '!has(oldSelf.partitions) || (has(self.partitions) && self.partitions >= oldSelf.partitions)',
      message: 'partitions may only grow: Kafka cannot take one away',
    },
    {
      rule: `!has(self.rekey) || !self.rekey || !has(self.partitions) || self.partitions <= ${MOST_REKEYED_PARTITIONS}`,
      message: `expected at most ${MOST_REKEYED_PARTITIONS} partitions with rekey`,
      fieldPath: '.partitions',
    },
    {
      rule: '!has(self.key) || !has(self.fields.symbol) || self.fields.symbol == self.key',
      message: 'key is short for fields.symbol: keep one of them',
    },
    {
      rule: `!has(self.format) || self.format == 'csv' || (${FIELDS.map((field) => `(!has(self.fields.${field}) || type(self.fields.${field}) == string)`).join(' && ')})`,
      message: 'fields: expected names, because only CSV has positions',
    },
  ],
  schemaRegistry: [
    {
      rule: 'has(self.username) == has(self.passwordSecretRef)',
      message: 'a login is a username and a passwordSecretRef: expected both or neither',
    },
  ],
  'input.topic': [TOPIC_IS_NO_DOT],
  'input.fields': [
    {
      rule: pairs(FIELDS)
        .map(([a, b]) => `(!has(self.${a}) || !has(self.${b}) || self.${a} != self.${b})`)
        .join(' && '),
      message: 'expected a field of its own for each of symbol, price, quantity and time',
    },
  ],
  'input.delimiter': [
    {
      rule: `!self.matches('[a-zA-Z0-9"\\'.]')`,
      message: 'expected one ASCII character that is no letter, digit, quote or point such as ;',
    },
  ],
  output: [topicAlone('results', 'stocks_averages')],
  'output.topic': [TOPIC_IS_NO_DOT],
  late: [topicAlone('late trades', 'stocks_late')],
  'late.topic': [TOPIC_IS_NO_DOT],
  deadLetters: [topicAlone('unreadable records', 'stocks_dead')],
  'deadLetters.topic': [TOPIC_IS_NO_DOT],
  windows: [
    {
      rule: `self.all(a, self.exists_one(b, ${isSameWindow('a', 'b')}))`,
      message: 'the same window stands in the list twice: keep one',
    },
  ],
  'windows[]': [
    {
      rule: 'has(self.size) != has(self.trades) && (has(self.size) || !has(self.slide)) && (has(self.trades) || !has(self.every))',
      message:
        'expected a window over time { size: 3s, slide: 1s } or over trades { trades: 100, every: 10 }',
    },
    {
      rule: `!has(self.size) || !has(self.slide) || ${ms('self.slide')} <= ${ms('self.size')}`,
      message: 'expected at most the size: trades between two windows would be in none',
      fieldPath: '.slide',
    },
    {
      rule: '!has(self.trades) || !has(self.every) || self.every <= self.trades',
      message: 'expected at most trades: trades between two windows would be in none',
      fieldPath: '.every',
    },
  ],
  'windows[].size': [ABOVE_ZERO],
  'windows[].slide': [ABOVE_ZERO],
  'watermark.idleAfter': [ABOVE_ZERO],
  scaling: [
    {
      rule: 'self.minReplicas <= self.maxReplicas',
      message: 'expected at least minReplicas: raise it or lower minReplicas',
      fieldPath: '.maxReplicas',
    },
  ],
  'scaling.catchUpWithin': [ABOVE_ZERO],
};

function topicAlone(what: string, example: string): Rule {
  return {
    rule: 'has(self.topic) && !has(self.file)',
    message: `on a cluster ${what} go to a Kafka topic: expected topic alone, such as topic: ${example}`,
  };
}

/**
 * Milliseconds of a duration such as `1d12h`. CEL knows no days; and it takes the parts that `split` makes to be of any
 * length, which would cost more than a rule may, but not those of `substring`.
 */
function ms(text: string): string {
  const days = `(${text}.contains('d') ? int(${text}.substring(0, ${text}.indexOf('d'))) * 86400000 : 0)`;
  const rest = `duration(${text}.substring(${text}.indexOf('d') + 1)).getMilliseconds()`;
  return `(${days} + (${text}.endsWith('d') ? 0 : ${rest}))`;
}

function isSameWindow(a: string, b: string): string {
  const slideOf = (window: string) =>
    `(has(${window}.slide) ? ${ms(`${window}.slide`)} : ${ms(`${window}.size`)})`;
  const everyOf = (window: string) => `(has(${window}.every) ? ${window}.every : ${window}.trades)`;
  return (
    `has(${a}.size) && has(${b}.size) ? ${ms(`${a}.size`)} == ${ms(`${b}.size`)} && ${slideOf(a)} == ${slideOf(b)} : ` +
    `has(${a}.trades) && has(${b}.trades) && ${a}.trades == ${b}.trades && ${everyOf(a)} == ${everyOf(b)}`
  );
}

function pairs<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((a, index) => items.slice(index + 1).map((b): [T, T] => [a, b]));
}
