import { Agent, request, type Dispatcher } from 'undici';
import { ApiError, apiErrorOf } from './api-error.ts';
import type { Connection } from './connection.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From `/api` or `/apis` on, without a query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: object;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

/**
 * Requests to the API server, over a few connections that are kept: one per request, which the usual client makes,
 * costs a TLS handshake each. Every request ends within its time. Throws an ApiError.
 */
export class ApiClient {
  readonly #connection: Connection;
  readonly #agent: Agent;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#agent = new Agent({
      connections: MAX_CONNECTIONS,
      pipelining: 1,
      keepAliveTimeout: 60_000,
      connect: {
        ...connection.tls,
        timeout: CONNECT_TIMEOUT_MS,
        keepAlive: true,
        keepAliveInitialDelay: 15_000,
      },
    });
  }

  /** The answer's JSON. */
  async send(wanted: ApiRequest): Promise<unknown> {
    const { signal, timeoutMs = REQUEST_TIMEOUT_MS } = wanted;
    const limits = [AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])];
    const text = await this.#talk(wanted, AbortSignal.any(limits), (body) => body.text());
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }

  /** The answer's lines as they come, for watches; ends with the answer. `signal` breaks it off. */
  async *lines(wanted: ApiRequest & { readonly signal: AbortSignal }): AsyncGenerator<string> {
    const body = await this.#talk(wanted, wanted.signal, (stream) => Promise.resolve(stream));
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const chunk of body) {
        rest += decoder.decode(chunk as Uint8Array, { stream: true });
        const lines = rest.split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
      }
    } catch (error) {
      throw unanswered(wanted, error);
    } finally {
      body.destroy();
    }
  }

  /** Ends requests under way. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #talk<T>(
    wanted: ApiRequest,
    signal: AbortSignal,
    read: (body: Dispatcher.ResponseData['body']) => Promise<T>,
  ): Promise<T> {
    const { method, path, body, contentType = 'application/json' } = wanted;
    try {
      signal.throwIfAborted();
      const answer = await request(`${this.#connection.server}${path}${queryText(wanted)}`, {
        dispatcher: this.#agent,
        method,
        headers: {
          ...(await this.#connection.headers()),
          accept: 'application/json',
          'user-agent': 'tidemark-operator',
          ...(body === undefined ? {} : { 'content-type': contentType }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal,
        headersTimeout: 0, // the signal bounds both
        bodyTimeout: 0,
      });
      if (answer.statusCode < 300) return await read(answer.body);
      const retryAfter = answer.headers['retry-after'];
      throw apiErrorOf(what(wanted), answer.statusCode, [retryAfter].flat()[0], await answer.body.text());
    } catch (error) {
      throw error instanceof ApiError ? error : unanswered(wanted, error);
    }
  }
}

function queryText({ query = {} }: ApiRequest): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

function unanswered(wanted: ApiRequest, cause: unknown): ApiError {
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  const why = name === 'TimeoutError' ? 'no answer in time' : message;
  return new ApiError(what(wanted), { status: 0, reason: name, message: why }, cause);
}

function what({ method, path }: ApiRequest): string {
  return `${method} ${path}`;
}

/** A watch keeps one to itself. */
const MAX_CONNECTIONS = 40;
const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
