// Installs what `npm start` and `npm test` need, if it is missing: the packages of package-lock.json, Node 24
// among them. Runs on any Node >= 20 and imports nothing but Node itself, for nothing else is there yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'node_modules', '.tidemark-setup');
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

if (!isInstalled()) install();

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
}

function install() {
  process.stderr.write('Setting up, once: installing the packages of package-lock.json (about 30 s) ...\n');
  const startedMs = Date.now();
  // Inside `npm start` npm names its own script; run it with this Node rather than look for npm in the PATH.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const run = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
    : spawnSync('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (run.status !== 0) {
    const why = run.error ? run.error.message : `npm ci ended with ${run.signal ?? run.status}`;
    process.stderr.write(
      `Set-up failed: ${why}.\nCheck that the npm registry can be reached, then run the same command again.\n`,
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
  process.stderr.write(`Set up in ${((Date.now() - startedMs) / 1000).toFixed(0)} s.\n`);
}
