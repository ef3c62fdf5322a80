import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a process cost from its start to its end. */
export interface ProcessCost {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Peak resident memory in MB. */
  readonly peakMb: number;
  readonly output: string;
}

/**
 * Runs a command and measures it from outside, as its user would see it. Reads /proc every 5 ms, hence Linux only;
 * CPU time is that much short at the most.
 */
export async function measuredRun(
  command: string,
  args: readonly string[],
  onCore?: number,
): Promise<ProcessCost> {
  const startedNs = process.hrtime.bigint();
  const pinned =
    onCore === undefined ? [command, ...args] : ['taskset', '-c', String(onCore), command, ...args];
  const child = spawn(pinned[0], pinned.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  let cpuSeconds = 0;
  let peakMb = 0;
  const sampler = setInterval(() => {
    const sample = child.pid === undefined ? undefined : costOf(child.pid);
    if (sample !== undefined) ({ cpuSeconds, peakMb } = sample);
  }, 5);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearInterval(sampler);
  const wallSeconds = Number(process.hrtime.bigint() - startedNs) / 1e9;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`);
  return { wallSeconds, cpuSeconds, peakMb, output };
}

function costOf(pid: number): { cpuSeconds: number; peakMb: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    if (peak === null) return undefined; // ended, but not yet waited for
    return {
      cpuSeconds: (Number(stat[11]) + Number(stat[12])) / CLOCK_TICKS,
      peakMb: Number(peak[1]) / 1024,
    };
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === 'ENOENT' ||
      (error as NodeJS.ErrnoException).code === 'ESRCH'
    )
      return undefined;
    throw error;
  }
}

/** USER_HZ, 100 on every Linux that Node runs on. */
const CLOCK_TICKS = 100;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
