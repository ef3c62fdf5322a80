import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { request as httpsRequest, Agent } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { without } from '../../src/operator/kube-object.ts';
import type { Connection } from '../../src/kube/connection.ts';

export interface ProxiedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly isWatch: boolean;
}

/** What befalls a request instead of an answer of the API server. */
export type Fault =
  | { readonly answer: number; readonly retryAfterS?: number }
  /** The connection stands, and nothing comes. */
  | 'stall'
  /** The API server does as it is asked, and the answer is lost. */
  | 'lose answer'
  | 'reset';

export interface SeenRequest extends ProxiedRequest {
  readonly atMs: number;
  /** Undefined: the API server was not asked. */
  status: number | undefined;
  endedMs: number | undefined;
}

/** An API server's front that can be made to misbehave, and remembers what was asked. The one behind it is real. */
export class ApiProxy {
  /** Asked for each request; what it returns happens to it. */
  fault: (request: ProxiedRequest) => Fault | undefined = () => undefined;
  readonly seen: SeenRequest[] = [];
  readonly #upstream: Connection;
  readonly #agent: Agent;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<ServerResponse>();

  private constructor(upstream: Connection) {
    this.#upstream = upstream;
    this.#agent = new Agent({ ...upstream.tls, keepAlive: true });
    this.#server = createServer((request, response) => void this.#pass(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(upstream: Connection): Promise<ApiProxy> {
    const proxy = new ApiProxy(upstream);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** For a client in this process. */
  get connection(): Connection {
    return { ...this.#upstream, server: this.#url, tls: {}, headers: () => Promise.resolve({}) };
  }

  /** For a client in another: writes a kubeconfig. */
  writeKubeconfig(file: string): string {
    const cluster = { server: this.#url, 'insecure-skip-tls-verify': true };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'proxy', cluster }],
      users: [{ name: 'proxy', user: { token: 'the-proxy-has-its-own' } }],
      contexts: [
        { name: 'proxy', context: { cluster: 'proxy', user: 'proxy', namespace: this.#upstream.namespace } },
      ],
      'current-context': 'proxy',
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  }

  /** Requests that change something and that the API server has got. */
  get writes(): SeenRequest[] {
    return this.seen.filter(({ method, status }) => method !== 'GET' && status !== undefined);
  }

  /** Ends all watches in the middle, as a restart of the API server does. */
  dropWatches(): void {
    for (const watch of this.#watches) watch.destroy();
  }

  /** Sends a line on all watches, such as an error. */
  tellWatches(event: object): void {
    for (const watch of this.#watches) watch.end(`${JSON.stringify(event)}\n`);
  }

  /** From now on nothing comes on watches that stand, not even a bookmark. */
  muteWatches(): void {
    for (const watch of this.#watches) watch.emit('mute');
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#agent.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const [path = '', query = ''] = url.split('?', 2);
    const isWatch = new URLSearchParams(query).get('watch') === 'true';
    const seen: SeenRequest = {
      method,
      path,
      isWatch,
      atMs: performance.now(),
      status: undefined,
      endedMs: undefined,
    };
    this.seen.push(seen);
    const body = await bodyOf(request);
    const fault = this.fault(seen);
    if (fault === 'stall') return;
    if (fault === 'reset') {
      response.destroy();
      return;
    }
    if (typeof fault === 'object') {
      refuse(response, fault);
      return;
    }
    await this.#forward(request, body, seen, response, fault === 'lose answer');
  }

  async #forward(
    { headers, url = '/', method = 'GET' }: IncomingMessage,
    body: Buffer,
    seen: SeenRequest,
    response: ServerResponse,
    losesAnswer: boolean,
  ): Promise<void> {
    const own = await this.#upstream.headers();
    const passed = without(headers, ['host', 'authorization', 'connection']);
    if (response.destroyed) return; // the client has given up: so must the write
    const upstream = httpsRequest(
      `${this.#upstream.server}${url}`,
      { method, agent: this.#agent, headers: { ...passed, ...own, 'content-length': body.length } },
      (answer) => {
        seen.status = answer.statusCode ?? 0;
        answer.once('end', () => (seen.endedMs = performance.now()));
        if (losesAnswer) {
          response.destroy();
          answer.resume();
          return;
        }
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        if (seen.isWatch) {
          this.#watches.add(response);
          response.once('mute', () => answer.unpipe(response));
          response.once('close', () => this.#watches.delete(response));
        }
        answer.pipe(response);
      },
    );
    upstream.once('error', () => response.destroy());
    response.once('close', () => upstream.destroy());
    upstream.end(body);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function refuse(
  response: ServerResponse,
  { answer, retryAfterS }: { answer: number; retryAfterS?: number },
): void {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason: REASONS[answer],
    code: answer,
    message: 'injected',
  };
  response.writeHead(answer, {
    'content-type': 'application/json',
    ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
  });
  response.end(JSON.stringify(status));
}

const REASONS: Readonly<Record<number, string>> = {
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
};
