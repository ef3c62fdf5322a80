// Leaves of node_modules what an image needs beside the bundle of scripts/build.mjs: the packages of native code, and of
// each other one its name, version and licence, for whoever asks what the image is made of or looks for vulnerabilities.
//   node scripts/prune-packages.mjs FOLDER        the folder of package.json
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [, , folder] = process.argv;
if (folder === undefined) {
  process.stderr.write('Usage: node scripts/prune-packages.mjs FOLDER, the one that node_modules is in.\n');
  process.exit(2);
}

/** With the builds for this machine, which are packages of a scope. */
const LEFT_WHOLE = ['lz4-napi', '@antoniomuso', 'snappy', '@napi-rs'];
const TELLING_FILE = /^(package\.json|(licen[cs]e|notice|copying|copyright).*)$/i;

pruneAll(join(folder, 'node_modules'), LEFT_WHOLE);

function pruneAll(packages, leftWhole = []) {
  for (const { name } of foldersIn(packages)) {
    if (leftWhole.includes(name)) continue;
    if (name.startsWith('@')) pruneAll(join(packages, name));
    else prune(join(packages, name));
  }
}

function prune(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') pruneAll(join(folder, entry.name));
    else if (!entry.isFile() || !TELLING_FILE.test(entry.name))
      rmSync(join(folder, entry.name), { recursive: true });
  }
}

function foldersIn(packages) {
  return readdirSync(packages, { withFileTypes: true }).filter((entry) => entry.isDirectory());
}
