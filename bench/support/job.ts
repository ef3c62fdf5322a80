import { spawn, type ChildProcess } from 'node:child_process';
import { costOfTree, type TreeCost } from './process-tree.ts';

/** How a job is started: ours or a peer's. */
export interface JobCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A job in a process of its own. It dies with the benchmark. */
export class Job {
  readonly startedMs = performance.now();
  /** Rejected when the job ends before it is told to. */
  readonly failed: Promise<never>;
  readonly #child: ChildProcess;
  readonly #closed: Promise<number | null>;
  #log = '';
  #isEnding = false;

  constructor({ command, args, env = {} }: JobCommand) {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#child = child;
    child.stdout.on('data', (data: Buffer) => (this.#log += data.toString()));
    child.stderr.on('data', (data: Buffer) => (this.#log += data.toString()));
    running.add(child);
    this.#closed = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        running.delete(child);
        resolve(code);
      });
    });
    this.failed = this.#closed.then((code) => {
      if (this.#isEnding) return new Promise<never>(() => undefined);
      throw new Error(`${command} ended with ${String(code)}:\n${this.#log.slice(-4_000)}`);
    });
    this.failed.catch(() => undefined); // told to whoever waits for the job; nobody may be waiting
  }

  get log(): string {
    return this.#log;
  }

  get cost(): TreeCost {
    return costOfTree(this.#child.pid ?? 0);
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.#isEnding = true;
    this.#child.kill(signal);
    return this.#closed;
  }
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
