import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openFileSink } from '../../../src/sink/file-sink.ts';
import { named, results, temporaryFolder } from './results.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const MEASURES = ['average'] as const;
const ROWS = results([{ symbol: 0 }]);
const LINE = '1534848936000,1534848939000,AMC,1.5\n';
const HEADER = 'start,end,stockName,price\n';

test('results are in the file when the run is over', async () => {
  const path = join(folder.path, 'finished.csv');
  const sink = await openFileSink(path, { format: 'csv', measures: MEASURES });
  await sink.write(ROWS, named('AMC'));
  await sink.write(ROWS, named('AMC'));
  expect(existsSync(path)).toBe(false);
  await sink.finish();
  expect(readFileSync(path, 'utf8')).toBe(HEADER + LINE + LINE);
});

test('a run without results leaves a header, as JSON nothing', async () => {
  const path = join(folder.path, 'empty');
  const csv = await openFileSink(path, { format: 'csv', measures: MEASURES });
  await csv.finish();
  expect(readFileSync(path, 'utf8')).toBe(HEADER);
  const json = await openFileSink(path, { format: 'json', measures: MEASURES });
  await json.finish();
  expect(readFileSync(path, 'utf8')).toBe('');
});

test('an abandoned run leaves no file', async () => {
  const path = join(folder.path, 'abandoned.csv');
  const sink = await openFileSink(path, { format: 'csv', measures: MEASURES });
  await sink.write(ROWS, named('AMC'));
  await sink.abandon();
  expect(existsSync(path)).toBe(false);
});

test('appended results can be watched and carry one header over several runs', async () => {
  const path = join(folder.path, 'watched.csv');
  for (const runs of [1, 2]) {
    const sink = await openFileSink(path, { format: 'csv', measures: MEASURES, atomic: false });
    await sink.write(ROWS, named('AMC'));
    expect(readFileSync(path, 'utf8')).toBe(HEADER + LINE.repeat(runs));
    await sink.finish();
  }
});

test('a file that cannot be written is refused before there are results', async () => {
  await expect(openFileSink(folder.path, { format: 'csv', measures: MEASURES })).rejects.toMatchObject({
    code: 'OUTPUT_UNWRITABLE',
  });
});
