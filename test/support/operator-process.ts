import { spawn, type ChildProcess } from 'node:child_process';
import { PROJECT } from './tidemark.ts';

export interface OperatorSettings {
  /** Its lease is there. */
  readonly namespace: string;
  /** It looks at these namespaces only. Default: at its own. */
  readonly watched?: readonly string[];
  readonly kubeconfig: string;
  readonly instance: string;
  /** Of the aggregators. */
  readonly image: string;
  /** Of the aggregators; next to nothing, so that many fit on a small node. */
  readonly resources?: object;
  /** At a free port. */
  readonly servesExternalMetrics?: boolean;
}

/** A `tidemark operator` in a process of its own, run from the checkout. */
export class OperatorProcess {
  readonly #child: ChildProcess;
  #log = '';

  constructor({
    namespace,
    watched = [namespace],
    kubeconfig,
    instance,
    image,
    resources = SMALL,
    servesExternalMetrics = false,
  }: OperatorSettings) {
    const places = ['--namespace', watched.join(','), '--leader-election-namespace', namespace];
    const flags = [...places, '--image', image];
    this.#child = spawn(process.execPath, [`${PROJECT}bin/tidemark.js`, 'operator', ...flags], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        KUBECONFIG: kubeconfig,
        TIDEMARK_INSTANCE: instance,
        TIDEMARK_HTTP_PORT: '0',
        TIDEMARK_EXTERNAL_METRICS: String(servesExternalMetrics),
        TIDEMARK_EXTERNAL_METRICS_PORT: '0',
        TIDEMARK_AGGREGATORS: JSON.stringify({ resources }),
      },
    });
    this.#child.stderr?.on('data', (data: Buffer) => (this.#log += data.toString()));
    running.add(this.#child);
    this.#child.once('exit', () => running.delete(this.#child));
  }

  get log(): string {
    return this.#log;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get leads(): boolean {
    return this.#log.lastIndexOf('"msg":"leading"') > this.#log.lastIndexOf('"msg":"no longer leading"');
  }

  /** The port of health and metrics; undefined until it is open. */
  get port(): number | undefined {
    return this.#numberIn(/"port":(\d+)/);
  }

  /** The port of external metrics; undefined until it is open. */
  get externalMetricsPort(): number | undefined {
    return this.#numberIn(/"externalMetricsPort":(\d+)/);
  }

  #numberIn(pattern: RegExp): number | undefined {
    const found = pattern.exec(this.#log)?.[1];
    return found === undefined ? undefined : Number(found);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends the signal and waits for the end; returns the exit code, null after SIGKILL. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    if (this.hasEnded) return this.#child.exitCode;
    const ended = new Promise<number | null>((resolve) => this.#child.once('close', resolve));
    this.#child.kill(signal);
    return ended;
  }
}

const SMALL = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '512Mi' } };

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
