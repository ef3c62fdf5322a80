import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A consumer in a process of its own, and what it has told so far. */
export class GroupMember {
  /** Its partitions after each time that it joined. */
  readonly assignments: number[][] = [];
  readonly values: (string | null)[] = [];
  readonly #child: ChildProcess;
  #errors = '';

  constructor(brokers: string[], groupId: string, topic: string, clientId: string) {
    const main = fileURLToPath(new URL('./group-member-main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, brokers.join(','), groupId, topic, clientId]);
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const told = JSON.parse(line) as { assigned?: number[]; read?: (string | null)[] };
      if (told.assigned) this.assignments.push([...told.assigned].sort((a, b) => a - b));
      this.values.push(...(told.read ?? []));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
  }

  /** The partitions that it has now; undefined before it has joined. */
  get assigned(): number[] | undefined {
    if (this.#child.exitCode !== null) throw new Error(`The member has ended:\n${this.#errors}`);
    return this.assignments.at(-1);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGKILL');
    await closed;
  }
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
