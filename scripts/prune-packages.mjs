// Deletes from node_modules what no process reads: types, source maps, documentation, tests, and builds for browsers and
// bundlers; half of what the packages weigh. For the image: `node scripts/prune-packages.mjs FOLDER`, the folder of package.json.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [, , folder] = process.argv;
if (folder === undefined) {
  process.stderr.write('Usage: node scripts/prune-packages.mjs FOLDER, the one that node_modules is in.\n');
  process.exit(2);
}
const packages = join(folder, 'node_modules');

const UNREAD_FILE = /\.d\.[cm]?ts$|\.map$|\.md$|^\.jsii$/;
const UNREAD_FOLDERS = [
  '@types',
  'undici-types',
  'bintrees/test',
  'cdk8s/docs',
  'cdk8s-plus-27/docs',
  'pino/test',
  'protobufjs/dist',
  'zod/src',
];
/** Of the packages for AWS: what their builds for CommonJS do not need. */
const AWS_SCOPES = ['@aws-sdk', '@smithy'];
const AWS_FOLDERS = ['dist-es', 'dist-types'];

for (const name of UNREAD_FOLDERS) remove(name);
for (const scope of AWS_SCOPES) {
  for (const name of readdirSync(join(packages, scope))) {
    for (const part of AWS_FOLDERS) remove(join(scope, name, part));
  }
}
for (const entry of readdirSync(packages, { recursive: true, withFileTypes: true })) {
  if (entry.isFile() && UNREAD_FILE.test(entry.name)) rmSync(join(entry.parentPath, entry.name));
}

function remove(name) {
  rmSync(join(packages, name), { recursive: true, force: true });
}
