import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import type { ByteSource, StreamCut } from '../pipeline/source.ts';
import { systemCode } from './input-error.ts';

/** ```
 *   connecting ──▶ connected ──▶ waiting ──▶ connecting ...
 *        └────────────────────────▲
 * ``` */
export type SocketState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'waiting'; readonly delayMs: number; readonly reason: string };

export interface SocketOptions {
  /** Told of every change of state. */
  readonly onState?: (state: SocketState) => void;
  /** Numbers in [0, 1), which spread the retries of many readers. */
  readonly random?: () => number;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** A peer that vanished without a word is noticed: the first probe goes out after this time without bytes. */
const KEEPALIVE_MS = 10_000;

/**
 * The bytes that a TCP server sends, for ever: a connection that breaks or cannot be made is made again, after
 * 100 ms and then twice as long each time up to 5 s, less a random part of up to a half. Each break is a cut.
 * A slow consumer slows the server down. Ends at the abort alone.
 *
 * `address` is `tcp://host:port`, IPv6 in brackets; throws INPUT_ADDRESS_INVALID for anything else.
 */
export function socketSource(address: string, options: SocketOptions = {}): ByteSource {
  return new SocketSource(address, endpointOf(address), options);
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

class SocketSource implements ByteSource {
  readonly name: string;
  readonly bounded = false;
  readonly totalBytes = undefined;
  progressBytes = 0;
  readonly #endpoint: Endpoint;
  readonly #onState: (state: SocketState) => void;
  readonly #random: () => number;

  constructor(name: string, endpoint: Endpoint, options: SocketOptions) {
    this.name = name;
    this.#endpoint = endpoint;
    this.#onState = options.onState ?? ((): void => undefined);
    this.#random = options.random ?? Math.random;
  }

  async *chunks(signal: AbortSignal): AsyncGenerator<Uint8Array | StreamCut> {
    for (let failures = 0; !signal.aborted; failures++) {
      const bytesBefore = this.progressBytes;
      const reason = yield* this.#connection(signal);
      // A server that accepts and hangs up at once is waited for like one that is not there.
      if (this.progressBytes > bytesBefore) failures = 0;
      const delayMs = retryDelayMs(failures, this.#random());
      await this.#wait(delayMs, reason, signal);
    }
  }

  /** One connection from its beginning to its end. Returns why it ended. */
  async *#connection(signal: AbortSignal): AsyncGenerator<Uint8Array | StreamCut, string> {
    this.#onState({ kind: 'connecting' });
    const socket = connect({ ...this.#endpoint, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS });
    const stop = (): unknown => socket.destroy();
    signal.addEventListener('abort', stop, { once: true });
    let connected = false;
    let reason = 'the connection closed';
    try {
      await established(socket, signal);
      connected = true;
      this.#onState({ kind: 'connected' });
      for await (const chunk of socket as AsyncIterable<Uint8Array>) {
        if (signal.aborted) return 'stopped';
        this.progressBytes += chunk.length;
        yield chunk;
      }
    } catch (error) {
      reason = connected ? `the connection broke: ${inWords(error)}` : inWords(error);
    } finally {
      signal.removeEventListener('abort', stop);
      socket.destroy();
    }
    if (connected && !signal.aborted) yield { cut: 'the connection closed' };
    return reason;
  }

  async #wait(delayMs: number, reason: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#onState({ kind: 'waiting', delayMs, reason });
    await delay(delayMs, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

async function established(socket: Socket, signal: AbortSignal): Promise<void> {
  socket.setTimeout(CONNECT_TIMEOUT_MS, () => {
    socket.destroy(new Error(`no answer within ${CONNECT_TIMEOUT_MS / 1000} s`));
  });
  await once(socket, 'connect', { signal });
  socket.setTimeout(0);
}

/** Exponential back-off with equal jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015). */
export function retryDelayMs(failures: number, random: number): number {
  const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures);
  return Math.round(longest * (1 - random / 2));
}

function endpointOf(address: string): Endpoint {
  const url = URL.parse(address);
  if (url?.protocol !== 'tcp:' || url.hostname === '' || !(Number(url.port) > 0)) {
    throw new TidemarkError(
      'INPUT_ADDRESS_INVALID',
      `${address} is not the address of a TCP server.`,
      'Write it as tcp://host:port, for example tcp://localhost:9999 or tcp://[::1]:9999.',
      { exitCode: EXIT.usage },
    );
  }
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port) };
}

function inWords(error: unknown): string {
  const code = systemCode(error);
  if (code === 'ECONNREFUSED') return 'nothing listens there (ECONNREFUSED)';
  if (code === 'ENOTFOUND') return 'the host name is unknown (ENOTFOUND)';
  if (code !== 'unknown') return code;
  return error instanceof Error ? error.message : String(error);
}
