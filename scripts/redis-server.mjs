// Prints the path of redis-server for the tests, installing it where that takes no question.
import { commandPath } from './system-command.mjs';

process.stdout.write(`${commandPath('redis-server', 'redis-server')}\n`);
