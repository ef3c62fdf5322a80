// Bundles the program into dist/program/, for the package and the image: main.js, and beside it what a command loads
// when it runs. One file in the place of a hundred halves a start (docs/adr/0016-one-bundle.md). The packages of native code
// stay outside, and the Kubernetes client, which a pod does without.
//   node scripts/build.mjs [FOLDER]
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const [, , PROGRAM = `${PROJECT}/dist/program`] = process.argv;

rmSync(PROGRAM, { recursive: true, force: true });
await build({
  absWorkingDir: PROJECT,
  entryPoints: ['src/main.ts', 'src/external-metrics/issue-worker.ts'],
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  outdir: PROGRAM,
  bundle: true,
  splitting: true,
  external: ['@kubernetes/client-node', 'lz4-napi', 'snappy'],
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Names stay, for stack traces; TIDEMARK_DEBUG=1 turns to the source maps for the lines of src/.
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none', // the packages' licences are beside it, in node_modules
  // What CommonJS packages require of Node itself.
  banner: {
    js: "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url);",
  },
  plugins: [{ name: 'http-required', setup: requireHttp }],
  logLevel: 'warning',
});
// Read at run time, beside the file that reads them.
cpSync(`${PROJECT}/src/redis/lua`, `${PROGRAM}/lua`, { recursive: true });

/**
 * Node reads all that `node:http` exports when a module imports it, and so loads a whole client of the web for WebSocket,
 * which nobody uses: 4 MB, and a tenth of the start. One that requires it reads what it uses.
 */
function requireHttp({ onResolve, onLoad }) {
  onResolve({ filter: /^(node:)?http$/ }, ({ kind, path }) =>
    kind === 'import-statement' ? { path, namespace: 'required' } : undefined,
  );
  onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
    contents: `module.exports = require('${path}');`,
  }));
}
