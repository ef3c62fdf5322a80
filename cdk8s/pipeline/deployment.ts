import type { Construct } from 'constructs';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s.js';
import { aggregatorName } from '../../src/resource/cluster-names.ts';
import { resourceRequirements } from '../container-resources.ts';
import { IMAGE_USER, RESTRICTED_CONTAINER, restrictedPod } from '../pod-security.ts';
import { configMapName, PIPELINE_FILE } from './config-map.ts';
import { strimziBootstrap } from './kafka-addresses.ts';
import { ownedMetadata, selectorOf, type PipelineContext } from './pipeline-context.ts';
import { secretSources } from './secrets.ts';
import type { ContainerResources, PipelineSurroundings } from './surroundings.ts';

/** The pipeline file is in it, and the Secrets in a folder of theirs. */
const CONFIG_FOLDER = '/etc/tidemark';
const SECRETS = 'secrets';
export const HTTP_PORT = 8080;

/** One aggregator does 100,000s of trades per second on a core; half of one is a start, and it may take two. */
export const AGGREGATOR_RESOURCES: ContainerResources = {
  requests: { cpu: '500m', memory: '256Mi' },
  limits: { cpu: '2', memory: '512Mi' },
};

/** The aggregators. A rollout brings up a new one first; the group hands partitions over without a pause for all. */
export function addDeployment(
  scope: Construct,
  context: PipelineContext,
  labels: Record<string, string>,
): void {
  const { pipeline } = context;
  new k8s.KubeDeployment(scope, 'deployment', {
    metadata: ownedMetadata(context),
    spec: {
      // Where an autoscaler decides, a number here would fight it at every apply.
      ...(pipeline.scaling === undefined && { replicas: pipeline.replicas ?? 1 }),
      selector: { matchLabels: selectorOf(context) },
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: {
          maxUnavailable: k8s.IntOrString.fromNumber(0),
          maxSurge: k8s.IntOrString.fromNumber(1),
        },
      },
      revisionHistoryLimit: 3,
      template: { metadata: { labels }, spec: podSpec(context) },
    },
  });
}

function podSpec(context: PipelineContext): k8s.PodSpec {
  const { pipeline, surroundings } = context;
  const { imagePullSecrets = [] } = surroundings;
  return {
    ...(imagePullSecrets.length > 0 && { imagePullSecrets }),
    serviceAccountName: aggregatorName(pipeline.name),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: restrictedPod(IMAGE_USER),
    terminationGracePeriodSeconds: 30,
    topologySpreadConstraints: topologySpread(context, surroundings.topologySpread ?? 'preferred'),
    containers: [container(context)],
    volumes: [{ name: 'config', projected: { sources: configSources(context), defaultMode: 0o440 } }],
  };
}

function configSources(context: PipelineContext): k8s.VolumeProjection[] {
  const file = { name: configMapName(context), items: [{ key: PIPELINE_FILE, path: PIPELINE_FILE }] };
  return [{ configMap: file }, ...secretSources(context.pipeline, SECRETS)];
}

function container(context: PipelineContext): k8s.Container {
  const { image, imagePullPolicy, resources: general = AGGREGATOR_RESOURCES } = context.surroundings;
  const { resources = general } = context.pipeline;
  return {
    name: 'aggregator',
    image,
    imagePullPolicy,
    args: ['aggregator'],
    env: environment(context),
    ports: [{ name: 'http', containerPort: HTTP_PORT }],
    startupProbe: { ...probe('/healthz'), periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { ...probe('/readyz'), periodSeconds: 2, failureThreshold: 2 },
    livenessProbe: { ...probe('/healthz'), periodSeconds: 10, failureThreshold: 3 },
    resources: resourceRequirements(resources),
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [{ name: 'config', mountPath: CONFIG_FOLDER, readOnly: true }],
  };
}

function environment({ pipeline, surroundings }: PipelineContext): k8s.EnvVar[] {
  const brokers = strimziBootstrap(pipeline, surroundings.namespace);
  return [
    { name: 'TIDEMARK_PIPELINE', value: `${CONFIG_FOLDER}/${PIPELINE_FILE}` },
    { name: 'TIDEMARK_INSTANCE', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'TIDEMARK_HTTP_PORT', value: String(HTTP_PORT) },
    ...(brokers === undefined ? [] : [{ name: 'TIDEMARK_KAFKA_BROKERS', value: brokers }]),
    { name: 'TIDEMARK_SECRETS', value: `${CONFIG_FOLDER}/${SECRETS}` },
    ...(surroundings.logLevel === undefined
      ? []
      : [{ name: 'TIDEMARK_LOG_LEVEL', value: surroundings.logLevel }]),
  ];
}

function probe(path: string): k8s.Probe {
  return { httpGet: { path, port: k8s.IntOrString.fromString('http') }, timeoutSeconds: 2 };
}

/** Over zones and machines, the pods of one rollout among themselves: those of the last one are on their way out. */
function topologySpread(
  context: PipelineContext,
  spread: NonNullable<PipelineSurroundings['topologySpread']>,
): k8s.TopologySpreadConstraint[] {
  const over = (topologyKey: string, isRequired: boolean): k8s.TopologySpreadConstraint => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: isRequired ? 'DoNotSchedule' : 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorOf(context) },
    matchLabelKeys: ['pod-template-hash'],
  });
  return [
    over('topology.kubernetes.io/zone', spread === 'zones-required'),
    over('kubernetes.io/hostname', false),
  ];
}
