// Finds a command that the tests need, or installs it where that takes no question: as root on Debian.
// Runs on any Node >= 20 and imports nothing but Node itself.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * The full path of `command`. Where it is missing and can't be installed, one line says what to install and the
 * process ends with 1: a test that can't run must not look like one that passed.
 */
export function commandPath(command, debianPackage) {
  const found = lookUp(command) ?? (installFromDebian(debianPackage) ? lookUp(command) : undefined);
  if (found) return found;
  process.stderr.write(
    `\`${command}\` is needed and was not found: install it (Debian: apt-get install ${debianPackage}).\n`,
  );
  process.exit(1);
}

function lookUp(command) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, command)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installFromDebian(debianPackage) {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version') || !lookUp('apt-get')) return false;
  process.stderr.write(`Installing ${debianPackage}, once ...\n`);
  // Test files that run at the same time want the same: one after the other, and after whatever else installs.
  const lock = join(tmpdir(), 'tidemark-apt.lock');
  const apt = (...args) =>
    spawnSync('flock', [lock, 'apt-get', '-q', '-y', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  return apt('update') && apt('install', '--no-install-recommends', debianPackage);
}
