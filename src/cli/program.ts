import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { Command, CommanderError } from 'commander';
import { EXIT } from '../pipeline/error.ts';
import { writeFailed } from '../sink/output-error.ts';
import { aclsCommand } from './acls-command.ts';
import { aggregatorCommand } from './aggregator-command.ts';
import { checkCommand } from './check-command.ts';
import { evictCommand } from './evict-command.ts';
import { generateCommand } from './generate-command.ts';
import { operatorCommand } from './operator-command.ts';
import { planCommand } from './plan-command.ts';
import { reportError } from './report-error.ts';
import { runCommand } from './run-command.ts';
import { stateCommand } from './state-command.ts';
import { statusCommand } from './status-command.ts';
import { tailCommand } from './tail-command.ts';
import { topicsCommand } from './topics-command.ts';

/** Runs one command line; returns the code to exit with. Errors are told on standard error, never thrown. */
export async function runProgram(args: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.ok;
  const lost = outliveReaders();
  const program = new Command('tidemark')
    .description('Moving averages over streaming stock trades, exact and prompt.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addCommand(runCommand((code) => (exitCode = code)))
    .addCommand(aggregatorCommand((code) => (exitCode = code)))
    .addCommand(operatorCommand((code) => (exitCode = code)))
    .addCommand(evictCommand((code) => (exitCode = code)))
    .addCommand(stateCommand((code) => (exitCode = code)))
    .addCommand(generateCommand((code) => (exitCode = code)))
    .addCommand(tailCommand((code) => (exitCode = code)))
    .addCommand(statusCommand((code) => (exitCode = code)))
    .addCommand(topicsCommand((code) => (exitCode = code)))
    .addCommand(checkCommand((code) => (exitCode = code)))
    .addCommand(aclsCommand((code) => (exitCode = code)))
    .addCommand(planCommand((code) => (exitCode = code)))
    .addHelpText('after', EXAMPLES);
  exitOverrideAll(program);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, process.stderr);
    exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (exitCode !== EXIT.ok) return exitCode;
  await setImmediate(); // what the last write met is told only then
  return lost.cause === undefined ? EXIT.ok : reportError(writeFailed('stdout', lost.cause), process.stderr);
}

/**
 * A reader of what is said on standard error that leaves, or a full disk behind it, is no reason to end a run, nor is a
 * reader of standard output that leaves. What a full disk took of that is noted, so that no command has printed all and
 * says so when it has not.
 */
function outliveReaders(): { cause?: unknown } {
  const lost: { cause?: unknown } = {};
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') lost.cause = error;
  });
  return lost;
}

/** Commander would end the process itself, before output is flushed. */
function exitOverrideAll(command: Command): void {
  command.exitOverride().showHelpAfterError('(--help shows the options, with examples)');
  for (const subcommand of command.commands) exitOverrideAll(subcommand);
}

function version(): string {
  // The nearest one above: src/ and the bundle in dist/ are not equally deep.
  const manifest = findPackageJSON(import.meta.url);
  if (manifest === undefined) throw new Error('The package.json of Tidemark is missing.');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

const EXAMPLES = `
Examples:
  tidemark run                                        averages of made-up trades, at once
  tidemark run --input trades.csv --window 3s --slide 1s --delay 5s --output averages.csv
  tidemark run pipeline.yaml                          what the pipeline file says
  tidemark run --help                                 all options of a command

Exit codes: 0 done, 1 something outside failed, 2 wrong command line or pipeline file,
3 the input is missing, unreadable or cut short, 130 interrupted before the input's end.`;
