import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket, type TlsOptions } from 'node:tls';
import { TidemarkError } from '../pipeline/error.ts';
import { refusal, type Answer } from './answer.ts';
import type { Verdict } from './authorization.ts';
import { isOfFrontProxy, userOf, type FrontProxy, type User } from './front-proxy.ts';
import type { KeyMaterial } from './key-material.ts';
import { DISCOVERY } from './metrics-api.ts';
import { attributesOf, wantedBy, type Attributes, type Wanted } from './request.ts';

export interface MetricsServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Whether the user may; rejects where that cannot be found out. */
  readonly authorize: (user: User, attributes: Attributes) => Promise<Verdict>;
  readonly metric: (query: Extract<Wanted, { kind: 'metric' }>) => Answer;
  /** Told of each answer. */
  readonly answered: (status: number, tookMs: number) => void;
}

/**
 * An API behind the API server's aggregation layer: HTTPS, for the API server alone. It shows its front proxy's
 * certificate, and says in headers for whom it asks; both authentication and rights are the API server's (delegated).
 *
 * Certificates are replaced while it runs: connections that stand go on, new ones get the new one.
 */
export class MetricsServer {
  readonly #options: MetricsServerOptions;
  readonly #server: Server;
  #frontProxy: FrontProxy | undefined;
  /** What the certificate of a connection was found to be, and for which front proxy. */
  readonly #seen = new WeakMap<TLSSocket, { readonly proxy: FrontProxy; readonly isTrusted: boolean }>();

  private constructor(options: MetricsServerOptions) {
    this.#options = options;
    this.#server = createServer(
      {
        ...NOBODY,
        requestCert: true,
        rejectUnauthorized: true,
        requestTimeout: 10_000,
        headersTimeout: 10_000,
        // Longer than API servers keep idle connections (90 s): whoever closes first may cross a request.
        keepAliveTimeout: 120_000,
        maxHeaderSize: 32_768,
      },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.maxConnections = 500;
  }

  /** Until it is given certificates every handshake fails. Rejects with a TidemarkError, EXTERNAL_METRICS_PORT. */
  static async open(options: MetricsServerOptions): Promise<MetricsServer> {
    const server = new MetricsServer(options);
    await server.#listen();
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What is shown and who is let in, from the next connection on; who is let in also on those that stand. */
  use({ certificate, privateKey }: KeyMaterial, frontProxy: FrontProxy): void {
    this.#server.setSecureContext({
      ...NOBODY,
      cert: certificate,
      key: privateKey,
      ca: frontProxy.authorities,
    });
    this.#frontProxy = frontProxy;
  }

  /** Answers under way are given a moment. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      const impatience = setTimeout(() => {
        this.#server.closeAllConnections();
      }, GRACE_MS);
      this.#server.close(() => {
        clearTimeout(impatience);
        resolve();
      });
      this.#server.closeIdleConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startMs = performance.now();
    const answer = await this.#answer(request).catch((error: unknown) =>
      refusal(500, error instanceof Error ? error.message : String(error)),
    );
    const isText = typeof answer.body === 'string';
    const body = isText ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status, {
      'Content-Type': isText ? 'text/plain; charset=utf-8' : 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
    this.#options.answered(answer.status, performance.now() - startMs);
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const { method = 'GET', url = '/', headers, headersDistinct } = request;
    const proxy = this.#frontProxy;
    if (proxy === undefined || !this.#isTrusted(request.socket, proxy)) {
      return refusal(401, 'the certificate of this connection is not that of the front proxy');
    }
    const wanted = wantedBy(url);
    if (wanted === undefined) return refusal(400, `the URL cannot be read: ${url}`);
    if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'there is nothing but to GET');
    if (wanted.kind === 'health') return { status: 200, body: 'ok' };
    const user = userOf(proxy, headersDistinct);
    if (user === undefined) return refusal(401, 'no header says who asks');
    const refused = await this.#refused(user, attributesOf(wanted, url));
    if (refused !== undefined) return refused;
    if (!takesJson(headers.accept)) return refusal(406, 'there is nothing but application/json');
    if (wanted.kind === 'discovery') return { status: 200, body: DISCOVERY };
    if (wanted.kind === 'unknown') return refusal(404, `there is nothing at ${url}`);
    if (wanted.isWatch) return refusal(405, 'metrics cannot be watched');
    return this.#options.metric(wanted);
  }

  #isTrusted(socket: Socket, proxy: FrontProxy): boolean {
    if (!(socket instanceof TLSSocket)) return false;
    const seen = this.#seen.get(socket);
    if (seen?.proxy === proxy) return seen.isTrusted;
    const certificate = socket.getPeerX509Certificate();
    const isTrusted = socket.authorized && isOfFrontProxy(proxy, certificate);
    this.#seen.set(socket, { proxy, isTrusted });
    return isTrusted;
  }

  async #refused(user: User, attributes: Attributes): Promise<Answer | undefined> {
    const { allowed, reason } = await this.#options.authorize(user, attributes);
    return allowed ? undefined : refusal(403, forbidden(user, attributes, reason));
  }

  #listen(): Promise<void> {
    const { port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause) => {
        const message = `Port ${port} for external metrics cannot be had: ${cause.message}.`;
        const remedy =
          'End the program that listens there, or choose another in TIDEMARK_EXTERNAL_METRICS_PORT.';
        reject(new TidemarkError('EXTERNAL_METRICS_PORT', message, remedy, { cause }));
      });
      this.#server.listen(port, resolve);
    });
  }
}

/** In the words of Kubernetes itself. */
function forbidden({ user }: User, attributes: Attributes, reason = ''): string {
  const because = reason === '' ? '' : `: ${reason}`;
  if ('nonResourceAttributes' in attributes) {
    const { path, verb } = attributes.nonResourceAttributes;
    return `forbidden: User "${user}" cannot ${verb} path "${path}"${because}`;
  }
  const { group, resource, namespace, verb } = attributes.resourceAttributes;
  return (
    `${resource}.${group} is forbidden: User "${user}" cannot ${verb} resource "${resource}" ` +
    `in API group "${group}" in the namespace "${namespace}"${because}`
  );
}

function takesJson(accept = '*/*'): boolean {
  return /\*\/\*|application\/(\*|json)(?!;as=APIGroupDiscoveryList)/.test(accept);
}

/** Without this Node would let in whoever has a certificate of any public authority. */
const NOBODY: TlsOptions = { ca: [], minVersion: 'TLSv1.2' };
const GRACE_MS = 50;
