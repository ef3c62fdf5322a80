import { constants } from 'node:os';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { EXIT_INTERRUPTED, Interrupted } from './interruption.ts';
import type { Form } from './report.ts';

/**
 * The flags of a benchmark: its own, and `--json`, `--markdown`, `--help`. Prints the help and ends with 0, or says
 * what is wrong with the command line and ends with 2. `onSignal`: `removes` leaves Ctrl-C and SIGTERM to the work.
 */
export function benchmarkFlags<Own extends ParseArgsOptionsConfig>(
  own: Own,
  help: string,
  onSignal: 'exits' | 'removes' = 'exits',
) {
  if (onSignal === 'exits') endWithServers();
  const options = { ...own, ...COMMON };
  try {
    const { values } = parseArgs({ options });
    const { help: asked, json, markdown } = values as { help?: boolean; json?: boolean; markdown?: boolean };
    if (asked === true) {
      console.log(`${help.trim()}\n${COMMON_HELP}`);
      process.exit(0);
    }
    const form: Form = json === true ? 'json' : markdown === true ? 'markdown' : 'table';
    return { flags: values, form };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nSee --help.`);
    process.exit(2);
  }
}

/** A flag that counts something. */
export function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`--${name} is to be a whole number above zero, and is ${text}`);
  process.exit(2);
}

/** Says which benchmark failed and why, without a stack trace, and lets the process end with 1. */
export async function reportFailure(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Interrupted) process.exit(EXIT_INTERRUPTED); // what was given up may go on
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

/** The servers and jobs that a benchmark has started are killed when it exits, which a signal alone would not do. */
function endWithServers(): void {
  process.once('SIGINT', () => process.exit(128 + constants.signals.SIGINT));
  process.once('SIGTERM', () => process.exit(128 + constants.signals.SIGTERM));
}

const COMMON = {
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
  help: { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

const COMMON_HELP = `  --json            figures as JSON lines, with all that was measured
  --markdown        tables in Markdown
  --help            this text

Ends with 1 if an output was not right, with 2 if the command line is wrong, with 130 after Ctrl-C.`;
