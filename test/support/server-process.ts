import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/**
 * A server that a test runs and may kill, freeze and start again, always by its own pid.
 * It dies with the test: what is still running when the process exits is killed then.
 */
export class ServerProcess {
  readonly #name: string;
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #isReady: () => Promise<boolean>;
  #child: ChildProcess | undefined;
  #output = '';

  constructor(name: string, command: string, args: readonly string[], isReady: () => Promise<boolean>) {
    this.#name = name;
    this.#command = command;
    this.#args = args;
    this.#isReady = isReady;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  /** Starts the process and waits until it answers. */
  async start(withinMs = 60_000): Promise<void> {
    if (this.#child) throw new Error(`${this.#name} is running already.`);
    this.#output = '';
    const child = spawn(this.#command, this.#args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-20_000);
      });
    }
    child.once('error', (error) => {
      this.#output += error.message;
    });
    running.add(child);
    child.once('exit', () => {
      running.delete(child);
      if (this.#child === child) this.#child = undefined;
    });

    const deadline = Date.now() + withinMs;
    while (!(await this.#isReady())) {
      if (!this.running) throw new Error(`${this.#name} ended while starting:\n${this.#output}`);
      if (Date.now() > deadline)
        throw new Error(`${this.#name} did not start in ${withinMs} ms:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** SIGTERM, then SIGKILL if that takes longer than `withinMs`. */
  async stop(withinMs = 10_000): Promise<void> {
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), withinMs);
    await this.#end('SIGTERM');
    clearTimeout(timer);
  }

  /** SIGKILL: no goodbye to anyone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** SIGSTOP: the process stands still with its connections open, as on a machine that hangs. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  /** SIGCONT. */
  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill(signal);
    if (signal === 'SIGTERM') child.kill('SIGCONT');
    await closed;
  }
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
