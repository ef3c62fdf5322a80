import { copyFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parsePipelineFile } from '../../src/resource/parse.ts';
import { blocksOf, ON_KAFKA, README, sectionOf } from '../support/readme.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { PREDECESSOR, PROJECT, Tidemark } from '../support/tidemark.ts';

/** Commands on Kafka are run by the integration tests. */
const COMMANDS = blocksOf(README.replace(sectionOf(ON_KAFKA), ''), 'sh').flatMap((block) =>
  block.trimEnd().split('\n'),
);
/** Commands that go on until Ctrl-C. */
const ENDLESS = /^npm start$|demo\.yaml$|--follow|tcp:/;
const folder = temporaryFolder();
let server: Server;

beforeAll(async () => {
  const trades = readFileSync(join(PREDECESSOR, 'trades.csv'));
  copyFileSync(join(PREDECESSOR, 'trades.csv'), join(folder, 'trades.csv'));
  writeFileSync(join(folder, 'trades.csv.gz'), gzipSync(trades));
  cpSync(join(PROJECT, 'examples'), join(folder, 'examples'), { recursive: true });
  server = createServer((socket) => socket.write(trades));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  server.close();
});

test('the README has commands', () => {
  expect(COMMANDS.length).toBeGreaterThan(10);
});

test.each(COMMANDS)('%s', async (line) => {
  const { port } = server.address() as { port: number };
  const parts = line.replace('localhost:9999', `127.0.0.1:${port}`).split(' < ');
  const command = parts[0];
  const inputFile = parts.at(1);
  const args = command === 'npm start' ? startArguments() : command.replace(/^npx tidemark /, '').split(' ');
  const input = inputFile === undefined ? undefined : readFileSync(join(folder, inputFile));
  const run = new Tidemark(args, input === undefined ? { cwd: folder } : { cwd: folder, input });
  if (ENDLESS.test(line)) {
    await run.printed(({ stdout }) => stdout.split('\n').length > 3);
    run.process.kill('SIGINT');
  }
  const { code, stderr } = await run.finished;
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.not.stringContaining('tidemark:') });
  const output = /--output (\S+\.\w+)/.exec(line)?.[1];
  const lines = output === undefined ? 'none asked for' : linesOf(output);
  expect(lines === 'none asked for' || lines > 3).toBe(true);
});

test('its pipeline file is one', () => {
  const [file] = blocksOf(README, 'yaml');
  expect(parsePipelineFile(file, { fileName: 'README.md' }).windows).toHaveLength(3);
});

test('its lines of averages are those of its command', async () => {
  const command = [
    'run',
    '--input',
    'trades.csv',
    '--window',
    '3s',
    '--slide',
    '1s',
    '--delay',
    '5s',
    '--output',
    '-',
  ];
  const { stdout } = await new Tidemark(command, { cwd: folder }).finished;
  const shown = blocksOf(README, '').find((block) => block.startsWith('start,end,')) ?? 'none';
  expect(stdout.startsWith(shown)).toBe(true);
});

test('its links lead somewhere', () => {
  const links = [...README.matchAll(/\]\((?!http)([^)#]+)/g)].map(([, path]) => path);
  expect(links.length).toBeGreaterThan(2);
  expect(links.filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
});

function linesOf(name: string): number {
  return readFileSync(join(folder, name), 'utf8').split('\n').length;
}

/** What `npm start` runs. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  return scripts.start.replace('node bin/tidemark.js ', '').split(' ');
}
