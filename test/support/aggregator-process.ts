import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A `tidemark aggregator` in a process of its own, as a pod runs it. */
export class AggregatorProcess {
  readonly instance: string;
  readonly #child: ChildProcess;
  readonly #closed: Promise<number | null>;
  #log = '';

  /** Brokers and Redis are those of the file where they are not given. */
  constructor(
    pipelineFile: string,
    instance: string,
    brokers?: readonly string[],
    redisUrl?: string,
    env: Readonly<Record<string, string>> = {},
  ) {
    this.instance = instance;
    const command = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));
    this.#child = spawn(process.execPath, [command, 'aggregator', '--pipeline', pipelineFile], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        ...(brokers && { TIDEMARK_KAFKA_BROKERS: brokers.join(',') }),
        ...(redisUrl && { TIDEMARK_REDIS_URL: redisUrl }),
        TIDEMARK_INSTANCE: instance,
        TIDEMARK_HTTP_PORT: '0',
        ...env,
      },
    });
    this.#child.stderr?.on('data', (data: Buffer) => (this.#log += data.toString()));
    this.#closed = new Promise((resolve) => this.#child.once('close', resolve));
    running.add(this.#child);
    this.#child.once('exit', () => running.delete(this.#child));
  }

  get log(): string {
    return this.#log;
  }

  /** Partitions that this instance has processed at some time, and states, from its log. */
  sawState(state: string): boolean {
    return this.#log.includes(`"state":"${state}"`);
  }

  /** A page of its HTTP port. Throws before the port is open. */
  async page(name: 'healthz' | 'readyz' | 'metrics'): Promise<string> {
    if (this.hasEnded) throw new Error(`${this.instance} has ended:\n${this.#log.slice(-2_000)}`);
    const port = /"port":(\d+)/.exec(this.#log)?.[1];
    if (port === undefined) throw new Error(`${this.instance} has not opened its port yet.`);
    return (await fetch(`http://127.0.0.1:${port}/${name}`)).text();
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for the end, and returns the exit code: null if it has to be killed after `withinMs`. */
  async ended(withinMs: number): Promise<number | null> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), withinMs);
    const code = await this.#closed;
    clearTimeout(timer);
    return code;
  }

  /** Sends the signal and waits for the end; returns the exit code, null after SIGKILL. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.#child.kill(signal);
    return this.#closed;
  }
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
