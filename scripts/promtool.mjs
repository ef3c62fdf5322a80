// Prints the path of promtool, with which the tests try the alerts.
import { commandPath } from './system-command.mjs';

process.stdout.write(`${commandPath('promtool', 'prometheus')}\n`);
