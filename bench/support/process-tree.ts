import { readFileSync } from 'node:fs';

/** What a process and its descendants have cost so far. */
export interface TreeCost {
  readonly cpuSeconds: number;
  /** Resident memory: the sum of each process's peak, MB. */
  readonly peakMb: number;
  /** Resident memory now, MB. */
  readonly residentMb: number;
}

/** Reads /proc, hence Linux only. Descendants that have ended and been waited for count with their CPU time. */
export function costOfTree(pid: number): TreeCost {
  let total: TreeCost = { cpuSeconds: 0, peakMb: 0, residentMb: 0 };
  for (const each of [pid, ...descendants(pid)]) {
    const cost = costOf(each);
    total = {
      cpuSeconds: total.cpuSeconds + cost.cpuSeconds,
      peakMb: total.peakMb + cost.peakMb,
      residentMb: total.residentMb + cost.residentMb,
    };
  }
  return total;
}

function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  if (children === '') return [];
  return children
    .split(' ')
    .map(Number)
    .flatMap((child) => [child, ...descendants(child)]);
}

function costOf(pid: number): TreeCost {
  // utime, stime, cutime, cstime are the fields 14 to 17; the name before them may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    cpuSeconds: ticks / CLOCK_TICKS,
    peakMb: megabytes(status, 'VmHWM'),
    residentMb: megabytes(status, 'VmRSS'),
  };
}

function megabytes(status: string, field: string): number {
  const found = new RegExp(`${field}:\\s+(\\d+) kB`).exec(status);
  if (found === null) throw new Error(`The process has ended: /proc/PID/status has no ${field}.`);
  return (Number(found[1]) * 1024) / 1e6;
}

/** USER_HZ, 100 on every Linux that Node runs on. */
const CLOCK_TICKS = 100;
