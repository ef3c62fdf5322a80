import { spawnSync } from 'node:child_process';

/**
 * Kills the process of an aggregator's pod (SIGKILL), where the node is this machine or a container on it: nothing in
 * the pod itself may kill its first process. Takes root, or sudo without a password. Throws where that cannot be.
 */
export function killProcessOf(pod: string): void {
  const isRoot = process.getuid?.() === 0;
  const [command, ...args] = [...(isRoot ? [] : ['sudo', '-n']), 'sh', '-c', KILL, pod];
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The process of ${pod} could not be killed on this machine: ${stderr}`);
}

/** Processes that end meanwhile are no failure. */
const KILL = `
  found=$(grep -lzxs "TIDEMARK_INSTANCE=$0" /proc/[0-9]*/environ | cut -d / -f 3)
  [ -n "$found" ] && kill -KILL $found`;
