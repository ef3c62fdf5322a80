import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { aclsCommand } from '../../../src/cli/acls-command.ts';
import { aggregatorCommand } from '../../../src/cli/aggregator-command.ts';
import { checkCommand } from '../../../src/cli/check-command.ts';
import { evictCommand } from '../../../src/cli/evict-command.ts';
import { generateCommand } from '../../../src/cli/generate-command.ts';
import { operatorCommand } from '../../../src/cli/operator-command.ts';
import { planCommand } from '../../../src/cli/plan-command.ts';
import { runCommand } from '../../../src/cli/run-command.ts';
import { stateCommand } from '../../../src/cli/state-command.ts';
import { statusCommand } from '../../../src/cli/status-command.ts';
import { tailCommand } from '../../../src/cli/tail-command.ts';
import { topicsCommand } from '../../../src/cli/topics-command.ts';

const COMMANDS: [string, Command][] = [
  ...[runCommand, aggregatorCommand, operatorCommand, evictCommand, stateCommand, generateCommand],
  ...[tailCommand, statusCommand, topicsCommand, checkCommand, aclsCommand, planCommand],
]
  .map((command) => command(() => undefined))
  .flatMap((command) => [command, ...command.commands])
  .map((command) => [command.name(), command]);

test.each(COMMANDS)('%s --help has examples, in which the command stands', (name, command) => {
  const [, examples = ''] = helpOf(command).split('\nExamples:\n');
  expect(examples).toMatch(new RegExp(`\\btidemark (topics )?${name}\\b`));
});

test.each(COMMANDS)(
  '%s --help is as wide as the terminal, and says defaults as a person would',
  (_name, command) => {
    expect(command.description()).not.toContain('\n');
    expect(helpOf(command)).not.toMatch(/default: (\d{4,}|\{)/);
  },
);

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}
