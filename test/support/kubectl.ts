import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setUp } from './set-up.ts';

/** What kubectl did, at the cluster that KUBECONFIG names. */
export interface KubectlRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kubectl, as a person would. */
export function kubectl(args: readonly string[], input?: string): KubectlRun {
  return spawnSync(join(setUp('kubernetes-tools'), 'kubectl'), args, { encoding: 'utf8', input });
}
