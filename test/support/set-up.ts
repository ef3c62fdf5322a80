import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a set-up script of scripts/ and returns the path that it prints. What it asks to install is the error. */
export function setUp(
  script:
    'kafka-jars' | 'redis-server' | 'valkey-server' | 'promtool' | 'schema-registry' | 'kubernetes-tools',
): string {
  const file = fileURLToPath(new URL(`../../scripts/${script}.mjs`, import.meta.url));
  const run = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr.trim());
  return run.stdout.trim();
}
