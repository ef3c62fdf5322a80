#!/usr/bin/env node
// The `tidemark` command. In a checkout it runs src/ as it stands (Node strips the types); in the installed
// package and in the image it runs the bundle in dist/. On an older Node it hands over to the Node 24 that the checkout
// has installed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;

if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) await runHere();
else handOver(fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url)));

async function runHere() {
  module.enableCompileCache?.(); // compiled code and stripped types are kept from run to run, where there is room
  if (process.env.TIDEMARK_DEBUG !== undefined) process.setSourceMapsEnabled(true); // stack traces of the bundle
  const source = new URL('../src/main.ts', import.meta.url);
  const entry = existsSync(source) ? source : new URL('../dist/program/main.js', import.meta.url);
  await import(entry.href);
}

function handOver(node) {
  if (!existsSync(node)) {
    process.stderr.write(
      `tidemark needs Node ${NEEDED_MAJOR} or newer; this is ${process.version}.\n` +
        'In a checkout run `npm ci` once, which brings the right Node along; elsewhere install Node 24.\n',
    );
    process.exit(1);
  }
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both processes; a supervisor signals this one only. Either way the child decides.
  const forward = (signal) => child.kill(signal);
  process.on('SIGINT', () => {});
  process.on('SIGTERM', forward);
  process.on('SIGHUP', forward);
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
