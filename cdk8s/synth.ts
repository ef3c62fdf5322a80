import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { chartFiles } from './chart/chart-files.ts';
import { manifests } from './manifests.ts';
import { yamlText } from './yaml-text.ts';

/*
 * `npm run synth`: writes what the constructs say, as manifests for `kubectl apply` into dist/manifests/ and as the Helm
 * chart into charts/tidemark/, which is checked in.
 */
const ROOT = new URL('../', import.meta.url);

write(
  'dist/manifests/',
  Object.entries(manifests()).map(([name, objects]) => [name, yamlText(objects)]),
);
write('charts/tidemark/', Object.entries(chartFiles()));

/** Replaces the folder: what is not synthesized any more goes. */
function write(folder: string, files: readonly (readonly [string, string])[]): void {
  const at = new URL(folder, ROOT);
  rmSync(at, { recursive: true, force: true });
  for (const [path, text] of files) {
    const file = new URL(path, at);
    mkdirSync(dirname(file.pathname), { recursive: true });
    writeFileSync(file, text);
  }
  process.stdout.write(`${folder}: ${files.map(([path]) => path).join(', ')}\n`);
}
