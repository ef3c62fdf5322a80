import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TidemarkError } from '../pipeline/error.ts';
import type { Obstacles } from '../pipeline/health.ts';

export interface HttpServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** The address to listen on; all of the machine's if left out. */
  readonly host?: string | undefined;
  readonly health: Obstacles;
  /** A registry of prom-client. */
  readonly metrics: { readonly contentType: string; metrics(): Promise<string> };
}

export interface HttpServer {
  readonly port: number;
  /** Ends within 100 ms, whoever is still connected. */
  close(): Promise<void>;
}

/**
 * What probes and Prometheus ask for:
 *
 *   /healthz   200 whenever the event loop turns: a process that does not answer is to be restarted
 *   /readyz    200, or 503; with reasons as JSON, also for what only degrades the work
 *   /metrics   the registry's text
 *   /lifeline  says nothing more until the process ends, and shows by that when it does
 *
 * Rejects with a TidemarkError if the port cannot be had.
 */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = createServer(
    { requestTimeout: 5_000, headersTimeout: 5_000, keepAliveTimeout: 15_000, maxHeaderSize: 8_192 },
    (request, response) => {
      if (request.method === 'GET' && request.url === '/lifeline') {
        response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).flushHeaders();
        return;
      }
      answer(request, options).then(
        (page) => {
          send(response, page, request.method === 'HEAD');
        },
        () => {
          send(response, text(500, 'This page failed.\n'), false);
        },
      );
    },
  );
  server.maxConnections = 100;
  await listen(server, options);
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

async function answer(
  { method, url = '/' }: IncomingMessage,
  { health, metrics }: HttpServerOptions,
): Promise<Page> {
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'Only GET and HEAD.\n');
  switch (url.split('?', 1)[0]) {
    case '/healthz':
      return text(200, 'ok\n');
    case '/readyz':
      return readiness(health);
    case '/metrics':
      return { status: 200, contentType: metrics.contentType, body: await metrics.metrics() };
    default:
      return text(404, 'Pages: /healthz /readyz /metrics /lifeline\n');
  }
}

function readiness(health: Obstacles): Page {
  const reasons = health();
  const ready = reasons.every(({ degrades }) => degrades === true);
  const body = `${JSON.stringify({ ready, reasons })}\n`;
  return { status: ready ? 200 : 503, contentType: 'application/json', body };
}

function text(status: number, body: string): Page {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

function send(response: ServerResponse, { status, contentType, body }: Page, withoutBody: boolean): void {
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
  });
  response.end(withoutBody ? undefined : body);
}

function listen(server: Server, { port, host }: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new TidemarkError(
          'HTTP_PORT',
          `Port ${port} for health and metrics cannot be had: ${cause.message}.`,
          'End the program that listens there, or choose another port.',
          { cause },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
}

/** Answers under way are given a moment, connections without one are closed at once. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const impatience = setTimeout(() => {
      server.closeAllConnections();
    }, GRACE_MS);
    server.close(() => {
      clearTimeout(impatience);
      resolve();
    });
    server.closeIdleConnections();
  });
}

const GRACE_MS = 50;
