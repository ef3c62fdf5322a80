import { Registrar, type RegistrarEffects } from '../external-metrics/registrar.ts';
import type { ApiClient } from '../kube/api-client.ts';
import { hasStatus } from '../kube/api-error.ts';
import type { ClusterCopy } from '../kube/cluster-copy.ts';
import { KINDS, pathOf } from '../kube/kinds.ts';
import type { ObjectWriter } from '../kube/object-writer.ts';
import type { KubeObject } from '../operator/kube-object.ts';
import type { ServiceAt } from '../operator/metrics-provider.ts';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import type { Logger } from '../pipeline/logger.ts';
import { EXTERNAL_METRICS_NAME } from '../resource/cluster-names.ts';

/** The port of external metrics, from the environment; undefined: they are not served. Throws a TidemarkError. */
export function externalMetricsPort({
  TIDEMARK_EXTERNAL_METRICS: wanted = 'false',
  TIDEMARK_EXTERNAL_METRICS_PORT: port = '6443',
}: NodeJS.ProcessEnv): number | undefined {
  if (wanted !== 'true' && wanted !== 'false') {
    throw usage(`TIDEMARK_EXTERNAL_METRICS is neither true nor false: ${wanted}`, 'Set one of the two.');
  }
  if (wanted === 'false') return undefined;
  if (/^\d{1,5}$/.test(port) && Number(port) < 65_536) return Number(port);
  throw usage(
    `TIDEMARK_EXTERNAL_METRICS_PORT is no port: ${port}`,
    'Set a number up to 65535; 0 takes a free one.',
  );
}

/** The leader's part, for one term. */
export function registrarOf(
  {
    client,
    copy,
    writer,
    service,
  }: {
    readonly client: ApiClient;
    readonly copy: ClusterCopy;
    readonly writer: ObjectWriter;
    readonly service: ServiceAt;
  },
  onContest: () => void,
  logger: Logger,
): Registrar {
  const effects: RegistrarEffects = {
    readSecret: () => found(client, pathOf(KINDS.Secret, service.namespace, service.name)),
    findOwner: async () => {
      const role = await found(client, pathOf(KINDS.ClusterRole, undefined, EXTERNAL_METRICS_NAME));
      if (role === undefined) return undefined;
      const { apiVersion, kind } = KINDS.ClusterRole;
      return { apiVersion, kind, name: EXTERNAL_METRICS_NAME, uid: role.metadata.uid ?? '' };
    },
    apply: (object, options) => writer.apply(object, options),
  };
  return new Registrar({
    service,
    registered: () => ({ object: copy.apiService, provider: copy.metricsProvider }),
    effects,
    onContest,
    logger,
    nowMs: Date.now,
    random: Math.random,
  });
}

async function found(client: ApiClient, path: string): Promise<KubeObject | undefined> {
  try {
    return (await client.send({ method: 'GET', path })) as KubeObject;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

function usage(message: string, remedy: string): TidemarkError {
  return new TidemarkError('OPERATOR_USAGE', message, remedy, { exitCode: EXIT.usage });
}
