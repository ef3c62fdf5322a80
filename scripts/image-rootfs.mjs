// Builds the file system of an image into an empty folder: Node with the libraries it needs, the bundled program and
// the packages of native code. For machines where no base image can be fetched; elsewhere there is the Dockerfile.
//   node scripts/image-rootfs.mjs OUTDIR        entrypoint: /usr/local/bin/node /app/bin/tidemark.js
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const [outdir] = process.argv.slice(2);
if (outdir === undefined || (existsSync(outdir) && readdirSync(outdir).length > 0)) {
  process.stderr.write(
    'Usage: node scripts/image-rootfs.mjs OUTDIR, a folder that is empty or does not exist yet.\n',
  );
  process.exit(2);
}
const root = resolve(outdir);
const app = join(root, 'app');
mkdirSync(app, { recursive: true });

run('npm', ['run', 'build', '--silent'], PROJECT);
for (const part of ['bin', 'dist/program', 'package.json', 'package-lock.json', '.npmrc']) {
  cpSync(join(PROJECT, part), join(app, part), { recursive: true });
}
const QUIETLY = ['--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'];
run('npm', ['ci', ...QUIETLY], app);
run('npm', ['uninstall', ...QUIETLY, '@kubernetes/client-node'], app); // a pod has no kubeconfig, see the Dockerfile
run('node', [join(PROJECT, 'scripts/prune-packages.mjs'), app], PROJECT);

const node = join(PROJECT, 'node_modules/node/bin/node');
copy(node, '/usr/local/bin/node');
const addons = readdirSync(join(app, 'node_modules'), { recursive: true }).filter((file) =>
  file.endsWith('.node'),
);
for (const binary of [node, ...addons.map((file) => join(app, 'node_modules', file))]) {
  for (const [, library] of run('ldd', [binary], PROJECT).matchAll(/(\/\S+\.so\S*) \(0x/g))
    copy(library, library);
}

mkdirSync(join(root, 'tmp'), { recursive: true, mode: 0o1777 });
mkdirSync(join(root, 'etc'), { recursive: true });
writeFileSync(join(root, 'etc/passwd'), 'tidemark:x:65532:65532::/app:/sbin/nologin\n');
process.stdout.write(`${root}\n`);

function copy(from, to) {
  const target = join(root, to);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(from, target); // what a link leads to, under the link's name
}

function run(command, args, cwd) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
