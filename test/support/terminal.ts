import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll } from '@jest/globals';
import { until } from './until.ts';

const running = new Set<ChildProcess>();

// A test that failed halfway leaves none behind.
afterAll(() => {
  for (const child of running) if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
});

/** A `tidemark` command at a pseudo-terminal of 100 columns and 24 rows: `script` of util-linux makes it. */
export class TidemarkAtTerminal {
  readonly finished: Promise<number | null>;
  readonly #script: ChildProcess;
  #shown = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const command = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));
    const quoted = [process.execPath, command, ...args].map((each) => `'${each}'`).join(' ');
    const line = `stty cols 100 rows 24; exec ${quoted}`;
    this.#script = spawn('script', ['-qefc', line, '/dev/null'], {
      env: { ...process.env, NO_COLOR: '1', ...env },
      detached: true, // a process group, to be ended as a whole
    });
    running.add(this.#script);
    this.#script.stdout?.on('data', (data: Buffer) => (this.#shown += data.toString()));
    this.finished = new Promise((resolve, reject) => {
      this.#script.once('error', reject);
      this.#script.once('close', (code) => {
        running.delete(this.#script);
        resolve(code);
      });
    });
  }

  /** All that was ever on the screen, without colours and movements. */
  get shown(): string {
    return stripVTControlCharacters(this.#shown).replaceAll('\r', '');
  }

  /** Waits until the screen has shown it, then types. */
  async type(keys: string, once: RegExp): Promise<void> {
    await this.shows(once);
    this.#script.stdin?.write(keys);
  }

  async shows(what: RegExp): Promise<void> {
    await until(`the terminal shows ${String(what)}`, () => what.test(this.shown));
  }
}

export const CTRL_C = '\u0003';
