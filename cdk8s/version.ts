import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** The version of Tidemark: that of the chart and of the image that it installs. */
export const VERSION = versionOf(findPackageJSON(import.meta.url));

function versionOf(manifest: string | undefined): string {
  if (manifest === undefined) throw new Error('The package.json of Tidemark is missing.');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
