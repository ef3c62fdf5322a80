/** What a codec throws when the result would be larger than allowed; it has the code that node:zlib uses for that. */
export class UnpackLimitError extends Error {
  readonly code = EXCEEDED;
}

/** Whether a codec, ours or one of node:zlib, stopped at its limit. */
export function exceedsUnpackLimit(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === EXCEEDED;
}

const EXCEEDED = 'ERR_BUFFER_TOO_LARGE';
