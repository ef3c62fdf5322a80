import * as z from 'zod';
import { expecting, section } from './expectation.ts';
import { choice, filePath, topicName } from './values.ts';

const measures = expecting(
  z
    .array(choice('A figure of a window.', ['average', 'min', 'max', 'count', 'volume', 'vwap']))
    .min(1)
    .describe('The figures to write for each window; vwap is the average weighted by quantity.')
    .meta({ 'x-kubernetes-list-type': 'set' }),
  'a list of figures such as [average, min, max, count]',
);

/** What results are written to. */
export const output = section(
  'Where results go and what is in them; without a topic or file the command decides.',
  '{ topic: stocks_averages }',
  {
    topic: topicName('The Kafka topic to write results to. Instead of file.', 'stocks_averages').optional(),
    file: filePath('The file to write results to. Instead of topic.', 'averages.csv').optional(),
    format: choice('How a result is written; by default as suits the place it goes to.', [
      'csv',
      'json',
    ]).optional(),
    measures: measures.prefault(['average', 'min', 'max', 'count']),
  },
);

/** What trades are written to that came after their windows had closed. */
export const late = section(
  'Where trades go that came too late for all their windows: either topic or file. Without it they are only counted.',
  '{ topic: stocks_late }',
  {
    topic: topicName('The Kafka topic to write late trades to.', 'stocks_late').optional(),
    file: filePath('The file to write late trades to.', 'late.csv').optional(),
  },
);

/** What records are written to that are no trades. */
export const deadLetters = section(
  'Where records go that cannot be read as trades: either topic or file. Without it they are only counted.',
  '{ topic: stocks_dead }',
  {
    topic: topicName('The Kafka topic to write unreadable records to.', 'stocks_dead').optional(),
    file: filePath('The file to write unreadable records to.', 'dead.csv').optional(),
  },
);
