/** `npm run bench:aggregator`: every benchmark of the aggregator, one after the other, as the tables of the docs. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `
All benchmarks of the aggregator, one after the other, as Markdown: the tables of docs/performance.md. Takes about an
hour. Every benchmark has a --help of its own.

  npm run -s bench:aggregator > figures.md
  npm run -s bench:aggregator -- --json
  npm run -s bench:aggregator -- --quick       few trades, one round: to see that all works, not for figures

Ends with 1 if one of them did.`;

const RUNS = [
  { file: 'catch-up', full: ['--jobs', 'all'], quick: ['--trades', '400000', '--rounds', '1'] },
  {
    file: 'catch-up',
    full: ['--jobs', 'all', '--trades', '20000000', '--per-second', '100000', '--rounds', '1'],
    quick: undefined,
  },
  { file: 'latency', full: ['--jobs', 'all'], quick: ['--seconds', '5'] },
  { file: 'ratio', full: ['--jobs', 'all'], quick: ['--trades', '100000', '--rounds', '1'] },
  { file: 'fail-over', full: [], quick: ['--kills', '1'] },
  { file: 'idle', full: [], quick: ['--rounds', '1', '--seconds', '5'] },
];

const { values: flags } = parseArgs({
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (flags.help === true) console.log(HELP.trim());
else runAll();

function runAll(): void {
  for (const { file, full, quick } of RUNS) {
    const args = flags.quick === true ? quick : full;
    if (args === undefined) continue;
    const path = fileURLToPath(new URL(`${file}.ts`, import.meta.url));
    const form = flags.json === true ? '--json' : '--markdown';
    const { status } = spawnSync(process.execPath, [path, ...args, form], { stdio: 'inherit' });
    if (status === 0) continue;
    console.error(`${file} ended with ${String(status)}`);
    process.exitCode = 1;
  }
}
