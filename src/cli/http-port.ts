import { EXIT, TidemarkError } from '../pipeline/error.ts';

/** The port of health and metrics, from the environment; 0 takes a free one. Throws a TidemarkError, HTTP_PORT_USAGE. */
export function httpPortOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_HTTP_PORT;
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new TidemarkError(
    'HTTP_PORT_USAGE',
    `TIDEMARK_HTTP_PORT is no port: ${text}`,
    'Set a number up to 65535; 0 takes a free one.',
    { exitCode: EXIT.usage },
  );
}

const DEFAULT_HTTP_PORT = 8_080;
