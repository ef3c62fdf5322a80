import * as z from 'zod';
import { expecting, section } from './expectation.ts';
import { choice, duration, filePath, hostAndPort, topicName, wholeNumber } from './values.ts';

const demo = section(
  'Made-up trades, the same ones for the same seed, to try things out without any input.',
  '{ symbols: 8, rate: 1000 }',
  {
    symbols: wholeNumber('How many symbols are traded.', { min: 1, max: 1_000_000, example: 8 }).prefault(8),
    rate: expecting(
      z.number().positive().describe('Trades per second, of all symbols together.'),
      'trades per second as a number above zero such as 1000',
    ).prefault(1000),
    disorder: duration('How far out of order trades come, at most.', '500ms').prefault('500ms'),
    lateShare: expecting(
      z.number().min(0).max(1).describe('The share of trades that come later than that, from 0 to 1.'),
      'a share from 0 to 1 such as 0.01',
    ).prefault(0),
    seed: expecting(
      z.int().describe('The number that the made-up trades follow from.'),
      'a whole number such as 1',
    ).prefault(1),
  },
);

/** Far more than any feed has; a codec keeps a byte for each. */
const MOST_COLUMNS = 10_000;

/** Where a record holds a value. A CRD knows "an integer or a text" by its own mark. */
function field(holds: string, example: string) {
  return expecting(
    z
      .union([z.int().min(1).max(MOST_COLUMNS), z.string().min(1).max(255)])
      .describe(`Which field of a record holds ${holds}: its name, or in CSV its position counted from 1.`)
      .meta({ 'x-kubernetes-int-or-string': true }),
    `the name of a field such as ${example}, or its position from 1 to 10,000`,
  );
}

const fields = section('Which fields of a record hold what is needed.', '{ symbol: ticker, price: 3 }', {
  symbol: field('the symbol', 'stockName').optional(),
  price: field('the price', 'price').optional(),
  quantity: field('the quantity', 'quantity').optional(),
  time: field('the time of the trade', 'timestamp').optional(),
});

const delimiter = expecting(
  z
    .string()
    .min(1)
    .max(1)
    .regex(/^[\t -~]$/)
    .refine((character) => !/[a-zA-Z0-9"'.]/.test(character))
    .describe('The character between two fields of CSV. Default: a comma.'),
  'one ASCII character that is no letter, digit, quote or point such as ";" or "\\t"',
);

function decimals(what: string) {
  return wholeNumber(
    `How many decimals a ${what} may have; figures are exact up to there, records with more are dead letters.`,
    { min: 0, max: 9, example: 6 },
  );
}

function scale(what: string) {
  return wholeNumber(
    `In avro and protobuf: a ${what} that is a whole number counts in 10^-scale, so 12345 of scale 2 is 123.45.`,
    { min: 0, max: 18, example: 2 },
  );
}

/** What trades are read from, and how a record tells of a trade. */
export const input = section(
  'Where trades come from: one of topic, file, socket and demo; and how they are written.',
  '{ topic: stocks }',
  {
    topic: topicName('The Kafka topic to read.', 'stocks').optional(),
    partitions: wholeNumber('How many partitions the topic has or is to have; it may only grow.', {
      min: 1,
      max: 10_000,
      example: 12,
    }).optional(),
    rekey: expecting(
      z
        .boolean()
        .describe(
          'Whether trades of one symbol stand in several partitions, because their records have no key or another one: ' +
            'a stage before the windows then brings each symbol together, exactly once, in a topic between.',
        ),
      'true or false',
    ).prefault(false),
    file: filePath('The file to read; - is standard input.', 'trades.csv').optional(),
    socket: hostAndPort('The TCP server to read lines from.', 'tcp://localhost:9999', 'tcp://').optional(),
    demo: demo.optional(),
    format: choice('How a record is written; avro and protobuf with a schemaRegistry that has the schemas.', [
      'csv',
      'json',
      'avro',
      'protobuf',
    ]).prefault('csv'),
    header: choice('Whether the first line of CSV names the fields; auto looks at it.', [
      'auto',
      'present',
      'absent',
    ]).prefault('auto'),
    delimiter: delimiter.prefault(','),
    fields: fields.prefault({}),
    key: expecting(
      z.string().min(1).max(255).describe('The name of the field to group by; short for fields.symbol.'),
      'the name of a field such as stockName',
    ).optional(),
    timeUnit: choice('How a record tells its time: a count since 1970 in this unit, or ISO 8601.', [
      'ms',
      'us',
      'ns',
      'iso',
    ]).prefault('ms'),
    priceDecimals: decimals('price').prefault(6),
    quantityDecimals: decimals('quantity').prefault(6),
    priceScale: scale('price').prefault(0),
    quantityScale: scale('quantity').prefault(0),
  },
);
