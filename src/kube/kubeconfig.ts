import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { TidemarkError } from '../pipeline/error.ts';

/**
 * The parts of a kubeconfig that say where the API server is and who we are. Logins by `auth-provider`, which
 * Kubernetes itself has given up, and proxies are not among them.
 */
const cluster = z.object({
  server: z.url(),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': z.string().optional(),
});

const user = z.object({
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  exec: z
    .object({
      apiVersion: z.string(),
      command: z.string(),
      args: z.array(z.string()).nullish(),
      env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
    })
    .optional(),
});

const context = z.object({ cluster: z.string(), user: z.string(), namespace: z.string().optional() });

const kubeconfig = z.object({
  'current-context': z.string().optional(),
  clusters: z.array(z.object({ name: z.string(), cluster })).nullish(),
  users: z.array(z.object({ name: z.string(), user: user.nullable() })).nullish(),
  contexts: z.array(z.object({ name: z.string(), context })).nullish(),
});

type User = z.output<typeof user>;

/** The current context of a kubeconfig, with what it names read from its files. */
export interface KubeContext {
  readonly server: string;
  readonly namespace: string;
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
  readonly rejectUnauthorized: boolean;
  readonly servername: string | undefined;
  /** Where tokens come from, as they are replaced; undefined for a user without. */
  readonly token: (() => Promise<string>) | undefined;
}

/**
 * Reads KUBECONFIG (of several files the first that exists), or `~/.kube/config`.
 * Throws a TidemarkError: KUBE_NO_CLUSTER, KUBECONFIG_INVALID.
 */
export async function readKubeconfig(paths = process.env.KUBECONFIG): Promise<KubeContext> {
  const files = paths === undefined ? [join(homedir(), '.kube/config')] : paths.split(delimiter);
  const { file, text } = await firstThatExists(files);
  const folder = dirname(file);
  const config = parsed(file, text);
  const name = config['current-context'];
  const chosen = config.contexts?.find((each) => each.name === name)?.context;
  const where = config.clusters?.find((each) => each.name === chosen?.cluster)?.cluster;
  if (chosen === undefined || where === undefined) {
    throw noCluster(`${file} has no current context with a cluster`);
  }
  const who = config.users?.find((each) => each.name === chosen.user)?.user ?? {};
  const login = who.exec === undefined ? undefined : await execute(who.exec);
  const bytes = (data: string | undefined, path: string | undefined) => content(data, path, folder);
  return {
    server: where.server.replace(/\/$/, ''),
    namespace: chosen.namespace ?? 'default',
    ca: await bytes(where['certificate-authority-data'], where['certificate-authority']),
    cert:
      textOf(login?.clientCertificateData) ??
      (await bytes(who['client-certificate-data'], who['client-certificate'])),
    key: textOf(login?.clientKeyData) ?? (await bytes(who['client-key-data'], who['client-key'])),
    rejectUnauthorized: where['insecure-skip-tls-verify'] !== true,
    servername: where['tls-server-name'],
    token: tokenSource(who, folder),
  };
}

function tokenSource({ exec, token, tokenFile }: User, folder: string): (() => Promise<string>) | undefined {
  if (exec !== undefined) return async () => (await execute(exec)).token ?? '';
  if (tokenFile !== undefined) return async () => (await readFile(resolve(folder, tokenFile), 'utf8')).trim();
  return token === undefined ? undefined : () => Promise.resolve(token);
}

/** What a program that logs in prints (client.authentication.k8s.io). */
const credential = z.object({
  status: z.object({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
  }),
});

async function execute({ apiVersion, command, args, env }: NonNullable<User['exec']>) {
  const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  const variables = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  try {
    const { stdout } = await promisify(execFile)(command, args ?? [], {
      env: { ...process.env, ...variables, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
      timeout: 60_000,
    });
    return credential.parse(JSON.parse(stdout)).status;
  } catch (cause) {
    throw new TidemarkError(
      'KUBECONFIG_INVALID',
      `the program ${command}, by which the kubeconfig logs in, failed`,
      'Run kubectl get pods: it uses the same program, and shows what it says.',
      { cause },
    );
  }
}

async function firstThatExists(files: readonly string[]): Promise<{ file: string; text: string }> {
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => undefined); // the next one, or none
    if (text !== undefined) return { file, text };
  }
  throw noCluster(`this is no pod, and there is no kubeconfig at ${files.join(', ')}`);
}

function parsed(file: string, text: string): z.output<typeof kubeconfig> {
  try {
    return kubeconfig.parse(parse(text));
  } catch (cause) {
    const remedy = 'See kubectl config view, or name another file in KUBECONFIG.';
    throw new TidemarkError('KUBECONFIG_INVALID', `${file} is no kubeconfig`, remedy, { cause });
  }
}

async function content(
  data: string | undefined,
  path: string | undefined,
  folder: string,
): Promise<Buffer | undefined> {
  if (data !== undefined) return Buffer.from(data, 'base64');
  return path === undefined ? undefined : readFile(resolve(folder, path));
}

function textOf(pem: string | undefined): Buffer | undefined {
  return pem === undefined ? undefined : Buffer.from(pem);
}

function noCluster(what: string): TidemarkError {
  return new TidemarkError(
    'KUBE_NO_CLUSTER',
    `no Kubernetes cluster is named: ${what}`,
    'Set KUBECONFIG, or choose a context: kubectl config use-context NAME.',
  );
}
