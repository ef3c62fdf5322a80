import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import { editsBetween } from '../resource/spelling.ts';

/** What the system said about opening or reading `path`, as an error that a person can act on. */
export async function unreadable(path: string, cause: unknown): Promise<TidemarkError> {
  const code = systemCode(cause);
  if (code === 'ENOENT') return missing(path, cause);
  return new TidemarkError('INPUT_UNREADABLE', `${path} cannot be read: ${reason(code)}.`, remedy(code), {
    exitCode: EXIT.input,
    cause,
  });
}

export function truncated(name: string, format: string, cause: unknown): TidemarkError {
  return new TidemarkError(
    'INPUT_TRUNCATED',
    `${name} ends inside its ${format} data: the rest is missing. Everything before has been read.`,
    'Copy or download the file again and compare its size with the original.',
    { exitCode: EXIT.input, cause },
  );
}

export function corrupt(name: string, format: string, failure: Error): TidemarkError {
  return new TidemarkError(
    'INPUT_CORRUPT',
    `${name} begins as a ${format} file but its data are damaged: ${failure.message}.`,
    `Check it with \`${format === 'gzip' ? 'gzip -t' : 'zstd -t'}\`, then copy or download it again.`,
    { exitCode: EXIT.input, cause: failure.cause },
  );
}

export function notFollowable(name: string, what: string): TidemarkError {
  return new TidemarkError(
    'INPUT_NOT_FOLLOWABLE',
    `${name} cannot be followed: it is ${what}, and only a plain file grows in place.`,
    'Leave out the option to follow it, or follow the plain file that it is made from.',
    { exitCode: EXIT.usage },
  );
}

/** As `ENOENT`; told by its shape, for errors of the system come from another realm where code is sandboxed. */
export function systemCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
}

async function missing(path: string, cause: unknown): Promise<TidemarkError> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => undefined);
  const near = names === undefined ? [] : nearNames(basename(path), names);
  const advice = /^https?:/.test(path)
    ? `Addresses of the web are not read: curl ${path} | tidemark run --input -`
    : names === undefined
      ? `The folder ${folder} is not there either: check the path.`
      : near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : `Check the path; the folder ${folder} has no file of a similar name.`;
  return new TidemarkError('INPUT_MISSING', `${path} does not exist.`, advice, {
    exitCode: EXIT.input,
    cause,
  });
}

function reason(code: string): string {
  if (code === 'EACCES' || code === 'EPERM') return 'no permission';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOTDIR') return 'a part of the path before the last is a file, not a folder';
  return `the system says ${code}`;
}

function remedy(code: string): string {
  if (code === 'EACCES' || code === 'EPERM')
    return 'Ask for the right to read it (`ls -l` shows who has it).';
  if (code === 'EISDIR')
    return 'Name one file in it; several files can be piped in: `cat folder/*.csv | ...`.';
  if (code === 'ENOTDIR') return 'Check the path.';
  return 'Check the disk or the network drive that holds it.';
}

/** Up to three of `names` that a person may have meant: a few letters off, or longer by an ending. */
export function nearNames(wanted: string, names: readonly string[]): string[] {
  const allowed = Math.max(2, Math.floor(wanted.length / 4));
  return names
    .map((name) => ({ name, distance: name.startsWith(wanted) ? 1 : editsBetween(wanted, name) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, 3)
    .map(({ name }) => name);
}
