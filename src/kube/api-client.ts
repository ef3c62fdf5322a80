import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
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
 * Requests to the API server, over a few connections that are kept: one per request costs a TLS handshake each. Every
 * request ends within its time. Throws an ApiError.
 */
export class ApiClient {
  readonly #connection: Connection;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #request: typeof httpRequest;

  constructor(connection: Connection) {
    this.#connection = connection;
    const kept = { keepAlive: true, keepAliveMsecs: 15_000, maxSockets: MAX_CONNECTIONS };
    const isPlain = connection.server.startsWith('http:');
    this.#agent = isPlain ? new HttpAgent(kept) : new HttpsAgent({ ...kept, ...connection.tls });
    this.#request = isPlain ? httpRequest : httpsRequest;
  }

  /** The answer's JSON. */
  async send(wanted: ApiRequest): Promise<unknown> {
    const { signal, timeoutMs = REQUEST_TIMEOUT_MS } = wanted;
    const limits = [AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])];
    const answer = await this.#talk(wanted, AbortSignal.any(limits), (response) => text(response));
    return answer === '' ? undefined : (JSON.parse(answer) as unknown);
  }

  /** The answer's lines as they come, for watches; ends with the answer. `signal` breaks it off. */
  async *lines(wanted: ApiRequest & { readonly signal: AbortSignal }): AsyncGenerator<string> {
    const response = await this.#talk(wanted, wanted.signal, (stream) => Promise.resolve(stream));
    response.setEncoding('utf8');
    let rest = '';
    try {
      for await (const chunk of response) {
        rest += chunk as string;
        const lines = rest.split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
      }
    } catch (error) {
      throw unanswered(wanted, wanted.signal, error);
    } finally {
      response.destroy();
    }
  }

  /** Ends requests under way. */
  close(): void {
    this.#agent.destroy();
  }

  async #talk<T>(
    wanted: ApiRequest,
    signal: AbortSignal,
    read: (response: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    try {
      signal.throwIfAborted();
      const response = await this.#ask(wanted, await this.#connection.headers(), signal);
      const { statusCode = 0, headers } = response;
      if (statusCode >= 200 && statusCode < 300) return await read(response);
      throw apiErrorOf(what(wanted), statusCode, headers['retry-after'], await text(response));
    } catch (error) {
      throw error instanceof ApiError ? error : unanswered(wanted, signal, error);
    }
  }

  #ask(
    wanted: ApiRequest,
    identity: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { method, path, body, contentType = 'application/json' } = wanted;
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const content = bytes && { 'content-type': contentType, 'content-length': bytes.length };
    const headers = {
      ...identity,
      accept: 'application/json',
      'user-agent': 'tidemark-operator',
      ...content,
    };
    const { tls, server } = this.#connection;
    const options = {
      method,
      headers,
      signal,
      agent: this.#agent,
      ...(tls.servername && { servername: tls.servername }),
    };
    return new Promise((resolve, reject) => {
      this.#request(`${server}${path}${queryText(wanted)}`, options, resolve)
        .once('error', reject)
        .end(bytes);
    });
  }
}

function queryText({ query = {} }: ApiRequest): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

function unanswered(wanted: ApiRequest, signal: AbortSignal, error: unknown): ApiError {
  const cause: unknown = signal.aborted ? signal.reason : error;
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  const why = name === 'TimeoutError' ? 'no answer in time' : message;
  return new ApiError(what(wanted), { status: 0, reason: name, message: why }, cause);
}

function what({ method, path }: ApiRequest): string {
  return `${method} ${path}`;
}

/** A watch keeps one to itself. */
const MAX_CONNECTIONS = 40;
const REQUEST_TIMEOUT_MS = 10_000;
