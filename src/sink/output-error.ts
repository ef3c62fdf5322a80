import { TidemarkError } from '../pipeline/error.ts';

/** The output cannot even be opened; nothing has been read yet. */
export function unwritable(path: string, cause: unknown): TidemarkError {
  const code = systemCode(cause);
  return new TidemarkError('OUTPUT_UNWRITABLE', `${path} cannot be written: ${reason(code)}.`, remedy(code), {
    cause,
  });
}

/** A write failed on an output that was open. */
export function writeFailed(name: string, cause: unknown): TidemarkError {
  const code = systemCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new TidemarkError(
      'OUTPUT_DISK_FULL',
      `There is no room left for ${name} (${code}).`,
      'Make room on that disk or write elsewhere, then run it again.',
      { cause },
    );
  }
  if (code === 'EPIPE') {
    return new TidemarkError(
      'OUTPUT_CLOSED',
      `${name} was closed by the program that reads it.`,
      'Look there for the reason, then run both again.',
      { cause },
    );
  }
  return new TidemarkError(
    'OUTPUT_FAILED',
    `Writing to ${name} failed: the system says ${code}.`,
    'Check the disk or the network drive that holds it, then run it again.',
    { cause },
  );
}

/** As `ENOENT`; told by its shape, for errors of the system come from another realm where code is sandboxed. */
export function systemCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
}

function reason(code: string): string {
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOENT') return 'its folder does not exist';
  if (code === 'ENOTDIR') return 'a part of the path before the last is a file, not a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'no permission';
  if (code === 'EROFS') return 'the disk is read-only';
  return `the system says ${code}`;
}

function remedy(code: string): string {
  if (code === 'EISDIR') return 'Name a file in it.';
  if (code === 'ENOENT') return 'Make the folder first (`mkdir -p`), or check the path.';
  if (code === 'EACCES' || code === 'EPERM') return 'Write elsewhere, or ask for the right to write there.';
  return 'Check the path, or write elsewhere.';
}
