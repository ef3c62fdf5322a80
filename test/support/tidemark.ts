import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
export const PREDECESSOR = fileURLToPath(new URL('../fixtures/predecessor/', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings {
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

const running = new Set<ChildProcess>();

// A test that failed halfway leaves none behind.
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** A `tidemark` command as its user starts it, in a process of its own. */
export class Tidemark {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], { cwd = PROJECT, input, env = {} }: Surroundings = {}) {
    const command = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));
    this.process = spawn(process.execPath, [command, ...args], {
      cwd,
      stdio: 'pipe',
      env: { ...process.env, ...env },
    });
    running.add(this.process);
    this.process.stdout?.on('data', (data: Buffer) => (this.stdout += data.toString()));
    this.process.stderr?.on('data', (data: Buffer) => (this.stderr += data.toString()));
    this.process.stdin?.on('error', ignoreClosedPipe);
    this.process.stdin?.end(input);
    this.finished = new Promise((resolve, reject) => {
      this.process.on('error', reject);
      this.process.on('close', (code) => {
        running.delete(this.process);
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Waits until what was printed satisfies the condition; fails when the command ends before or 50 s pass. */
  async printed(condition: (command: Tidemark) => boolean): Promise<void> {
    const deadline = Date.now() + 50_000;
    while (!condition(this)) {
      if (this.process.exitCode !== null || Date.now() > deadline) {
        throw new Error(`tidemark did not print what was expected:\n${this.stdout}\n${this.stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

export async function tidemark(args: readonly string[], input?: string | Uint8Array): Promise<Finished> {
  return new Tidemark(args, input === undefined ? {} : { input }).finished;
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error; // a command that fails early does not read its input
}
