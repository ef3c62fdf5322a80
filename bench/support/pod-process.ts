import { readdirSync, readFileSync } from 'node:fs';

/** The process of an aggregator's pod, where the node is this machine. Throws where it is not, or may not be looked at. */
export function processOfPod(pod: string): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (environmentOf(pid).includes(`TIDEMARK_INSTANCE=${pod}`)) return Number(pid);
  }
  throw new Error(
    `The process of ${pod} is not on this machine, or of a user whose processes this one may not see.`,
  );
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return []; // it has ended meanwhile, or is another user's
  }
}
