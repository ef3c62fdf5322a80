// Fetches a schema registry with Confluent's API for the tests: Apicurio Registry, through Maven, into
// ~/.cache/tidemark/apicurio-<version>, about 140 MB. Prints the cache folder. Runs on any Node >= 20 and imports nothing
// but Node itself.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { moveIntoPlace } from './into-place.mjs';
import { commandPath } from './system-command.mjs';

/** The last one that runs on Java 17. */
const APICURIO = '2.6.13.Final';

const caches = join(homedir(), '.cache', 'tidemark');
const cache = join(caches, `apicurio-${APICURIO}`);
commandPath('java', 'openjdk-17-jre-headless');

if (!existsSync(cache)) fetchRegistry();
process.stdout.write(`${cache}\n`);

/** Builds the cache beside its place and moves it there whole: another test run may do the same right now. */
function fetchRegistry() {
  process.stderr.write(`Fetching Apicurio Registry ${APICURIO} for the tests, once (about 140 MB) ...\n`);
  mkdirSync(caches, { recursive: true });
  const draft = mkdtempSync(join(caches, 'apicurio-draft-'));
  try {
    const artifact = `io.apicurio:apicurio-registry-app:${APICURIO}:tar.gz:all`;
    const copy = ['dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${draft}`];
    run(commandPath('mvn', 'maven'), ['-q', '-B', ...copy]);
    const app = join(draft, 'app');
    mkdirSync(app);
    run('tar', ['-xzf', join(draft, `apicurio-registry-app-${APICURIO}-all.tar.gz`), '-C', app]);
    moveIntoPlace(app, cache);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function run(command, args) {
  const ended = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (ended.status === 0) return;
  const why = ended.error?.message ?? `ended with ${ended.signal ?? ended.status}`;
  process.stderr.write(`${ended.stdout ?? ''}${ended.stderr ?? ''}`);
  process.stderr.write(`Setting up a schema registry for the tests failed: ${command} ${args[0]} ${why}.\n`);
  process.exit(1);
}
