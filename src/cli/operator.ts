import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { pino } from 'pino';
import { operatorMetricsUrl } from '../../cdk8s/operator/operator-names.ts';
import { readAggregatorSettings } from '../../cdk8s/pipeline/aggregator-settings.ts';
import { pipelineObjects, type MovingAverageObject } from '../../cdk8s/pipeline/pipeline-objects.ts';
import { readImagePullSecrets } from '../../cdk8s/pull-secrets.ts';
import { ExternalMetrics } from '../external-metrics/external-metrics.ts';
import { openHttpServer } from '../http/http-server.ts';
import { OperatorMetrics } from '../http/operator-metrics.ts';
import { ApiClient } from '../kube/api-client.ts';
import { ClusterCopy } from '../kube/cluster-copy.ts';
import { findConnection } from '../kube/connection.ts';
import { EventRecorder } from '../kube/event-recorder.ts';
import { LeaseElector, type Term } from '../kube/lease-elector.ts';
import { ObjectWriter } from '../kube/object-writer.ts';
import { PodLifelines } from '../kube/pod-lifelines.ts';
import { Controller } from '../operator/controller.ts';
import { desiredReplicas } from '../operator/desired-replicas.ts';
import { toldConditions } from '../operator/told-conditions.ts';
import { keyOf, type KubeObject } from '../operator/kube-object.ts';
import type { Render } from '../operator/ports.ts';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import { EXTERNAL_METRICS_NAME, PIPELINE_LABEL } from '../resource/cluster-names.ts';
import { externalMetricsPort, registrarOf } from './external-metrics.ts';
import { httpPortOf } from './http-port.ts';
import { onInterrupt } from './interrupt.ts';
import type { OperatorFlags } from './operator-command.ts';
import { OperatorKafka } from './operator-kafka.ts';

/** The process of the operator, until SIGTERM. Returns the code to exit with. */
export async function operate(flags: OperatorFlags): Promise<number> {
  const httpPort = httpPortOf(process.env.TIDEMARK_HTTP_PORT);
  const metricsPort = externalMetricsPort(process.env);
  const instance = process.env.TIDEMARK_INSTANCE ?? hostname();
  const logger = pino(
    { name: 'tidemark', level: flags.logLevel, base: { instance } },
    pino.destination({ dest: 2, sync: true }),
  );
  const connection = await findConnection();
  const ownNamespace = flags.leaderElectionNamespace ?? connection.namespace;
  const render = renderWith(flags, operatorMetricsUrl(ownNamespace));
  const client = new ApiClient(connection);
  const { random } = Math;
  const service = { namespace: ownNamespace, name: EXTERNAL_METRICS_NAME };
  const copy = new ClusterCopy(client, {
    namespaces: flags.namespace ?? [],
    pipelineLabel: PIPELINE_LABEL,
    metricsService: metricsPort === undefined ? undefined : service,
    logger,
    random,
  });
  const metrics = new OperatorMetrics({
    desiredReplicas: () => desiredReplicas(copy.resources()),
    conditions: () => toldConditions(copy.resources()),
  });
  const external =
    metricsPort === undefined
      ? undefined
      : await ExternalMetrics.open({
          client,
          port: metricsPort,
          service,
          resources: () => copy.resources(),
          answered: (status, tookMs) => {
            metrics.answered(status, tookMs);
          },
          logger,
          random,
        });
  const kafka = new OperatorKafka(client, logger);
  const http = await openHttpServer({
    port: httpPort,
    health: () => [...copy.obstacles, ...(external?.obstacles ?? [])],
    metrics: metrics.registry,
  });
  logger.info({ port: http.port, server: connection.server }, 'health and metrics');
  if (external !== undefined) logger.info({ externalMetricsPort: external.port }, 'external metrics');
  const interrupt = onInterrupt();
  const copying = Promise.all([copy.run(interrupt.signal), external?.run(interrupt.signal)]);
  const elector = new LeaseElector(client, {
    namespace: ownNamespace,
    name: 'tidemark-operator',
    identity: `${instance}_${randomUUID()}`,
    logger,
    random,
  });
  const lead = async (term: Term): Promise<void> => {
    const writer = new ObjectWriter(client, term);
    const events = new EventRecorder(writer, instance, logger);
    const controller = new Controller({
      view: copy,
      effects: {
        apply: (object, fieldManager) => writer.apply(object, { fieldManager }),
        applyStatus: (resource, status) => writer.applyStatus(resource, status),
        remove: (object) => writer.remove(object),
        record: (regarding, note) => events.record(regarding, note),
      },
      kafka,
      render,
      isRegistrationContested: () => registrar?.isContested ?? false,
      pipelineLabel: PIPELINE_LABEL,
      observer: metrics,
      logger,
      nowMs: Date.now,
      random,
    });
    const onContest = () => {
      controller.registrationChanged();
    };
    const registrar = external && registrarOf({ client, copy, writer, service }, onContest, logger);
    const lifelines = new PodLifelines({
      onDeath: (pod) => {
        logger.info({ pod: keyOf(pod) }, 'the process of a pod has ended');
        controller.died(pod);
      },
    });
    const stopListening = copy.listen((object, isGone) => {
      controller.changed(object, isGone);
      if (object.kind === 'Pod') lifelines.see(object, isGone);
      if (object.kind === 'APIService') registrar?.look();
    });
    const stopWatching = external?.listen(() => registrar?.look());
    metrics.leading(true);
    try {
      if (await copy.synced(term.signal)) {
        for (const pod of copy.allPods()) lifelines.see(pod, false);
        await Promise.all([controller.run(term.signal), registrar?.run(term.signal)]);
      }
    } finally {
      lifelines.close();
      metrics.leading(false);
      stopListening();
      stopWatching?.();
    }
  };
  try {
    await elector.run(lead, interrupt.signal);
    await copying;
  } finally {
    interrupt.release();
    await external?.close();
    await kafka.close();
    client.close();
    await http.close();
  }
  return EXIT.ok;
}

function renderWith({ image, imagePullPolicy }: OperatorFlags, metricsUrl: string): Render {
  if (image === undefined) {
    throw new TidemarkError(
      'OPERATOR_USAGE',
      'no image of the aggregators is named',
      'Give --image IMAGE, or set TIDEMARK_IMAGE: the image that the operator itself runs in has both.',
      { exitCode: EXIT.usage },
    );
  }
  const { env } = process;
  const imagePullSecrets = setIn(
    env,
    'TIDEMARK_IMAGE_PULL_SECRETS',
    readImagePullSecrets,
    '[{"name":"registry"}]',
  );
  const settings = setIn(
    env,
    'TIDEMARK_AGGREGATORS',
    readAggregatorSettings,
    '{"resources":{"requests":{"cpu":"500m","memory":"256Mi"}}}',
  );
  return (resource, cluster) =>
    pipelineObjects(resource as unknown as MovingAverageObject, {
      image,
      imagePullPolicy,
      imagePullSecrets,
      ...settings,
      namespace: resource.metadata.namespace ?? 'default',
      ownerReference: ownerReference(resource),
      hasStrimzi: cluster.hasStrimzi,
      hasPodMonitor: cluster.hasPodMonitor,
      hasKeda: cluster.hasKeda,
      operatorMetricsUrl: metricsUrl,
    });
}

/** What the chart sets as JSON. */
function setIn<T>(
  env: NodeJS.ProcessEnv,
  name: string,
  read: (text: string | undefined) => T,
  example: string,
): T {
  try {
    return read(env[name]);
  } catch (error) {
    throw new TidemarkError(
      'OPERATOR_USAGE',
      `${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      `It is JSON such as ${example}; the chart sets it from its values.`,
      { exitCode: EXIT.usage },
    );
  }
}

function ownerReference({ apiVersion, kind, metadata }: KubeObject) {
  const { name, uid = '' } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: false };
}
