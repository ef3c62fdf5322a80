import { readFile } from 'node:fs/promises';
import { connectionOfKubeconfig } from './kubeconfig.ts';

/** Where the API server is, and who we are to it. */
export interface Connection {
  /** As `https://10.96.0.1:443`. */
  readonly server: string;
  readonly tls: ConnectionTls;
  /** Headers that say who we are; asked for before each request, because tokens are replaced while we run. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** The namespace that the pod or the kubeconfig's context is in. */
  readonly namespace: string;
}

export interface ConnectionTls {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
}

/**
 * Inside a pod: by its service account. Elsewhere, or where KUBECONFIG is set: as kubectl would.
 * Throws a TidemarkError: KUBE_NO_CLUSTER, KUBECONFIG_INVALID.
 */
export function findConnection(env: NodeJS.ProcessEnv = process.env): Promise<Connection> {
  const { KUBECONFIG, KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  return KUBECONFIG === undefined && host !== undefined
    ? ofServiceAccount(host, port)
    : connectionOfKubeconfig();
}

async function ofServiceAccount(host: string, port: string): Promise<Connection> {
  const [ca, namespace] = await Promise.all([
    readFile(`${ACCOUNT}/ca.crt`),
    readFile(`${ACCOUNT}/namespace`, 'utf8'),
  ]);
  const token = remembered(TOKEN_FRESH_MS, async () => (await readFile(`${ACCOUNT}/token`, 'utf8')).trim());
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    tls: { ca },
    headers: async () => ({ authorization: `Bearer ${await token()}` }),
    namespace: namespace.trim(),
  };
}

function remembered<T>(freshMs: number, find: () => Promise<T>): () => Promise<T> {
  let found: T | undefined;
  let foundAtMs = -Infinity;
  return async () => {
    if (found === undefined || performance.now() - foundAtMs > freshMs) {
      found = await find();
      foundAtMs = performance.now();
    }
    return found;
  };
}

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Tokens are replaced after four fifths of their hour. */
const TOKEN_FRESH_MS = 60_000;
