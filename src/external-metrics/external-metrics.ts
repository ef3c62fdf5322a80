import type { KubeObject } from '../operator/kube-object.ts';
import type { ServiceAt } from '../operator/metrics-provider.ts';
import type { ApiClient } from '../kube/api-client.ts';
import { KINDS } from '../kube/kinds.ts';
import { Reflector } from '../kube/reflector.ts';
import type { Obstacle } from '../pipeline/health.ts';
import type { Logger } from '../pipeline/logger.ts';
import { Authorization } from './authorization.ts';
import { desiredReplicas } from './desired-replicas.ts';
import { FRONT_PROXY_CONFIG, frontProxyOf } from './front-proxy.ts';
import { isUsable, materialIn } from './key-material.ts';
import { MetricsServer } from './metrics-server.ts';
import { reviewAccess } from './review.ts';

export interface ExternalMetricsOptions {
  readonly client: ApiClient;
  /** 0 takes a free one. */
  readonly port: number;
  readonly service: ServiceAt;
  /** All MovingAverages, from a copy. */
  readonly resources: () => Iterable<KubeObject>;
  readonly answered: (status: number, tookMs: number) => void;
  readonly logger: Logger;
  readonly random: () => number;
}

/**
 * What every operator does for external metrics, whether it leads or not: serves them with the certificate that the
 * leader keeps in a Secret, to the front proxy that the API servers name in a ConfigMap. Both are watched.
 */
export class ExternalMetrics {
  readonly #options: ExternalMetricsOptions;
  readonly #server: MetricsServer;
  readonly #secret: Reflector;
  readonly #configMap: Reflector;
  #whyNot: string | undefined = 'certificate and front proxy have not been read yet';
  #onSecret: () => void = nobodyListens;

  private constructor(options: ExternalMetricsOptions, server: MetricsServer) {
    this.#options = options;
    this.#server = server;
    const { client, service, logger, random } = options;
    const watched = { logger, random };
    this.#secret = new Reflector(client, {
      ...watched,
      ...service,
      kind: KINDS.Secret,
      onChange: () => {
        this.#load();
        this.#onSecret();
      },
    });
    this.#configMap = new Reflector(client, {
      ...watched,
      ...FRONT_PROXY_CONFIG,
      kind: KINDS.ConfigMap,
      onChange: () => {
        this.#load();
      },
    });
  }

  /** Rejects with a TidemarkError, EXTERNAL_METRICS_PORT. */
  static async open(options: ExternalMetricsOptions): Promise<ExternalMetrics> {
    const authorization = new Authorization(reviewAccess(options.client), () => performance.now());
    const server = await MetricsServer.open({
      port: options.port,
      authorize: (user, attributes) => authorization.verdict(user, attributes),
      metric: (query) => desiredReplicas(query, options.resources(), Date.now()),
      answered: options.answered,
    });
    return new ExternalMetrics(options, server);
  }

  get port(): number {
    return this.#server.port;
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#secret.run(signal), this.#configMap.run(signal)]);
  }

  /** Tells of changes of the Secret from now on. */
  listen(onSecret: () => void): () => void {
    this.#onSecret = onSecret;
    return () => {
      this.#onSecret = nobodyListens;
    };
  }

  /** Pipelines are made all the same; so only what has not been read yet keeps the operator from being ready. */
  get obstacles(): Obstacle[] {
    if (this.#whyNot === undefined) return [];
    const hasRead = this.#secret.hasSynced && this.#configMap.hasSynced;
    return [
      { part: 'external metrics', reason: this.#whyNot, ...(hasRead ? { degrades: true as const } : {}) },
    ];
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #load(): void {
    const { logger } = this.#options;
    try {
      this.#whyNot = this.#use();
    } catch (error) {
      // As where someone has written into the ConfigMap what is no JSON; the watch must go on.
      this.#whyNot = `certificate or front proxy cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (this.#whyNot === undefined)
      logger.info({ port: this.port }, 'external metrics are served with what was read');
    else logger.warn({ reason: this.#whyNot }, 'external metrics cannot be served with what was read');
  }

  /** Returns what is missing; what was used before is used on then. */
  #use(): string | undefined {
    const { service } = this.#options;
    const material = materialIn(this.#secret.get(`${service.namespace}/${service.name}`));
    if (material === undefined || !isUsable(material)) {
      return `the Secret ${service.name} has no certificate yet; the leader makes it`;
    }
    const { namespace, name } = FRONT_PROXY_CONFIG;
    const frontProxy = frontProxyOf(this.#configMap.get(`${namespace}/${name}`));
    if (frontProxy === undefined) {
      return `the ConfigMap ${name} of ${namespace} names no front proxy: do the API servers run with --requestheader-client-ca-file?`;
    }
    this.#server.use(material, frontProxy);
    return undefined;
  }
}

function nobodyListens(): void {
  // An operator that does not lead only reads the Secret.
}
