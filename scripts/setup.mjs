// Installs what `npm start` and `npm test` need, if it is missing: the packages of package-lock.json, Node 24
// among them. Runs on any Node >= 20 and imports nothing but Node itself, for nothing else is there yet.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A terminal sends Ctrl-C to every process, and npm passes it on once more. */
const ECHO_MS = 1_000;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'node_modules', '.tidemark-setup');
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

if (!isInstalled()) await install();

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
}

async function install() {
  process.stderr.write('Setting up, once: installing the packages of package-lock.json (about 30 s) ...\n');
  const startedMs = Date.now();
  const why = await npmFails(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (why !== undefined) {
    process.stderr.write(
      `Set-up failed: ${why}.\nCheck that the npm registry can be reached, then run the same command again.\n`,
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
  process.stderr.write(`Set up in ${((Date.now() - startedMs) / 1000).toFixed(0)} s.\n`);
}

/** Undefined: it did not fail. */
function npmFails(args) {
  // Inside `npm start` npm names its own script; run it with this Node rather than look for npm in the PATH.
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const child = spawn(command, [...first, ...args], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  endTogether(child);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? undefined : `npm ci ended with ${signal ?? code}`),
    );
  });
}

/** An npm that goes on after Ctrl-C, to put back what it has begun, must not meet the one of the next try. */
function endTogether(child) {
  let since;
  const onSignal = (signal) => {
    if (since === undefined) {
      since = Date.now();
      process.stderr.write('Ending the set-up. Once more ends it at once.\n');
      child.once('close', () => process.exit(128 + constants.signals[signal]));
      child.kill('SIGTERM');
    } else if (Date.now() - since > ECHO_MS) child.kill('SIGKILL');
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
}
