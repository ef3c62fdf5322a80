import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { TidemarkError } from '../pipeline/error.ts';
import type { Connection } from './connection.ts';

/**
 * The current context of KUBECONFIG, or of `~/.kube/config`, as kubectl would use it: certificates, tokens, programs
 * that log in. Its reader is loaded only here, outside of a pod: it takes 87 MB (ADR 10).
 * Throws a TidemarkError: KUBE_NO_CLUSTER, KUBECONFIG_INVALID.
 */
export async function connectionOfKubeconfig(): Promise<Connection> {
  const config = await load();
  const server = config.getCurrentCluster()?.server;
  if (server === undefined || server === NO_CLUSTER) throw noCluster();
  const { ca, cert, key, rejectUnauthorized, servername } = await accessOf(config);
  const tls = { ca, cert, key, rejectUnauthorized, servername };
  return {
    server: server.replace(/\/$/, ''),
    tls: Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined)),
    // Asked for each time: a program's token is kept by the reader until it expires.
    headers: async () => textsOf((await accessOf(config)).headers),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
  };
}

async function load(): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
    return config;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    const remedy = 'See kubectl config view, or name another file in KUBECONFIG.';
    throw new TidemarkError('KUBECONFIG_INVALID', `no kubeconfig can be read: ${said}`, remedy, { cause });
  }
}

/** Throws a TidemarkError, KUBECONFIG_INVALID, where a certificate is missing or a program that logs in fails. */
async function accessOf(config: KubeConfig): Promise<RequestOptions> {
  const access: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(access);
    return access;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    const remedy = 'Run kubectl get pods: it logs in by the same means, and shows what is wrong.';
    throw new TidemarkError('KUBECONFIG_INVALID', `the kubeconfig's login failed: ${said}`, remedy, {
      cause,
    });
  }
}

function textsOf(headers: RequestOptions['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
}

function noCluster(): TidemarkError {
  return new TidemarkError(
    'KUBE_NO_CLUSTER',
    'no Kubernetes cluster is named: this is no pod, and there is no kubeconfig with a current context',
    'Set KUBECONFIG, or choose a context: kubectl config use-context NAME.',
  );
}

/** What the reader makes up where there is no kubeconfig. */
const NO_CLUSTER = 'http://localhost:8080';
