import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { App, Chart } from 'cdk8s';
import { parse } from 'yaml';
import { groupIdOf } from '../../src/resource/kafka-names.ts';
import { parsePipelineFile, pipelineOfObject } from '../../src/resource/parse.ts';
import {
  pipelineObjects,
  type KubernetesObject,
  type MovingAverageObject,
} from '../../cdk8s/pipeline/pipeline-objects.ts';
import { operatorObjects } from '../../cdk8s/operator/operator-parts.ts';
import { operatorValues } from '../../cdk8s/operator/operator-values.ts';
import { readAggregatorSettings } from '../../cdk8s/pipeline/aggregator-settings.ts';
import { readImagePullSecrets } from '../../cdk8s/pull-secrets.ts';
import { addPipelineUser } from '../../cdk8s/strimzi/pipeline-user.ts';
import { topicObjectNames } from '../../cdk8s/pipeline/kafka-topics.ts';
import {
  exampleObject,
  OBJECT_SETS,
  podTemplates,
  scaledBy,
  SURROUNDINGS,
} from '../support/manifest-objects.ts';

const STOCKS = exampleObject('stocks');
const OWNER = { apiVersion: 'tidemark.dev/v1alpha1', kind: 'MovingAverage', name: 'stocks', uid: 'a-uid' };

test('the same resource gives the same objects, in whatever order its keys are', () => {
  const backwards = JSON.parse(JSON.stringify(STOCKS), (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).reverse())
      : value,
  ) as MovingAverageObject;
  expect(pipelineObjects(backwards, SURROUNDINGS)).toEqual(pipelineObjects(STOCKS, SURROUNDINGS));
});

test('the mounted file is the pipeline, with its secrets by reference', () => {
  const [file] = of('ConfigMap', pipelineObjects(STOCKS, SURROUNDINGS));
  const text = (file.data as Record<string, string>)['pipeline.yaml'];
  const inPod = parsePipelineFile(text, { fileName: 'pipeline.yaml' });
  expect(inPod).toMatchObject({
    name: 'stocks',
    input: { source: { topic: 'stocks' }, partitions: 12 },
    redis: { passwordSecretRef: { name: 'redis', key: 'password' } },
    windows: [{ sizeMs: 3000, slideMs: 1000 }],
  });
});

test('other windows roll the pods, and the old file stays for the old ones; other replicas roll nothing', () => {
  const slower = changed({ windows: [{ size: '6s' }] });
  const wider = changed({ scaling: { minReplicas: 3, maxReplicas: 12 } });
  const nameOf = (object: MovingAverageObject) =>
    of('ConfigMap', pipelineObjects(object, SURROUNDINGS))[0].metadata.name;
  expect(nameOf(slower)).not.toBe(nameOf(STOCKS));
  expect(nameOf(wider)).toBe(nameOf(STOCKS));
  expect(podOf(wider)).toEqual(podOf(STOCKS));
  expect(podOf(slower)).not.toEqual(podOf(STOCKS));
  expect(of('ConfigMap', pipelineObjects(STOCKS, SURROUNDINGS))[0].immutable).toBe(true);
});

test('every key of a Secret that the spec names is a file, and no other key is', () => {
  const { spec } = podOf(exampleObject('kubernetes'));
  const [container] = spec.containers;
  expect(container.env).toContainEqual({ name: 'TIDEMARK_SECRETS', value: '/etc/tidemark/secrets' });
  expect(spec.volumes).toEqual([
    {
      name: 'config',
      projected: {
        defaultMode: 0o440,
        sources: [
          { configMap: expect.anything() },
          { secret: { name: 'kafka-ca', items: [{ key: 'ca.crt', path: 'secrets/kafka-ca/ca.crt' }] } },
          {
            secret: {
              name: 'kafka-login',
              items: [{ key: 'password', path: 'secrets/kafka-login/password' }],
            },
          },
          { secret: { name: 'redis', items: [{ key: 'password', path: 'secrets/redis/password' }] } },
        ],
      },
    },
  ]);
});

test('a certificate and its key are mounted too, once for a Secret that is named twice', () => {
  const tls = {
    caSecretRef: { name: 'stocks', key: 'ca.crt' },
    certificateSecretRef: { name: 'stocks', certificate: 'user.crt', privateKey: 'user.key' },
  };
  const { spec } = podOf(changed({ kafka: { cluster: 'my-cluster', tls }, redis: { url: 'redis://redis' } }));
  const keys = ['ca.crt', 'user.crt', 'user.key'];
  expect(spec.volumes).toMatchObject([
    {
      projected: {
        sources: [
          {},
          { secret: { name: 'stocks', items: keys.map((key) => ({ key, path: `secrets/stocks/${key}` })) } },
        ],
      },
    },
  ]);
});

test.each([
  [undefined, 'my-cluster-kafka-bootstrap.trading.svc:9092'],
  [{}, 'my-cluster-kafka-bootstrap.trading.svc:9093'],
])('a Strimzi cluster is found by its Service: tls %j', (tls, address) => {
  const kafka = { cluster: 'my-cluster', ...(tls && { tls }) };
  const [container] = podOf(changed({ kafka })).spec.containers;
  expect(container.env).toContainEqual({ name: 'TIDEMARK_KAFKA_BROKERS', value: address });
});

test('aggregators reach DNS, Kafka, Redis and a schema registry and nothing else, and are reached at their HTTP port', () => {
  const ports = (object: MovingAverageObject, surroundings = SURROUNDINGS) => {
    const [policy] = of('NetworkPolicy', pipelineObjects(object, surroundings));
    const spec = policy.spec as {
      policyTypes: string[];
      ingress: { ports: unknown[] }[];
      egress: { ports: { port: number }[] }[];
    };
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(spec.ingress).toEqual([{ ports: [{ protocol: 'TCP', port: 'http' }] }]);
    return spec.egress.map((rule) => rule.ports.map(({ port }) => port));
  };
  expect(ports(STOCKS)).toEqual([[53, 53], [9092], [6379]]);
  expect(ports(exampleObject('kubernetes'))).toEqual([[53, 53], [9094], [6380]]);
  expect(ports(exampleObject('kubernetes'), { ...SURROUNDINGS, kafkaPorts: [9095] })).toEqual([
    [53, 53],
    [9094, 9095],
    [6380],
  ]);
  for (const [url, port] of [
    ['http://schema-registry:8081/apis', 8081],
    ['https://registry.example.com', 443],
  ] as const) {
    expect(ports(changed({ schemaRegistry: { url } })).at(-1)).toEqual([port]);
  }
});

test('aggregators that log in to Amazon MSK reach what gives a pod its role: by IRSA, or by EKS Pod Identity', () => {
  const sasl = { mechanism: 'aws-msk-iam', region: 'eu-central-1' } as const;
  const kafka = { bootstrapServers: ['b-1.example.com:9098'], tls: {}, sasl };
  const [policy] = of('NetworkPolicy', pipelineObjects(changed({ kafka }), SURROUNDINGS));
  const { egress } = policy.spec as { egress: unknown[] };
  expect(egress).toContainEqual({ ports: [{ protocol: 'TCP', port: 443 }] });
  expect(egress).toContainEqual({
    ports: [{ protocol: 'TCP', port: 80 }],
    to: [{ ipBlock: { cidr: '169.254.170.23/32' } }, { ipBlock: { cidr: 'fd00:ec2::23/128' } }],
  });
});

test('the autoscaler owns the number of replicas where there is one, else the spec says it', () => {
  const replicasOf = (object: MovingAverageObject) => {
    const objects = pipelineObjects(object, SURROUNDINGS);
    const [{ spec }] = of('Deployment', objects);
    return {
      replicas: (spec as { replicas?: number }).replicas,
      autoscalers: of('HorizontalPodAutoscaler', objects).length,
    };
  };
  const { kafka, input, output, windows } = STOCKS.spec;
  const fixed = { kafka, input, output, windows };
  expect(replicasOf(STOCKS)).toEqual({ replicas: undefined, autoscalers: 1 });
  expect(replicasOf({ ...STOCKS, spec: { ...fixed, replicas: 3 } })).toEqual({ replicas: 3, autoscalers: 0 });
  expect(replicasOf({ ...STOCKS, spec: fixed })).toEqual({ replicas: 1, autoscalers: 0 });
});

test('the autoscaler follows the replicas that the load of this pipeline asks for', () => {
  const [{ spec }] = of('HorizontalPodAutoscaler', pipelineObjects(STOCKS, SURROUNDINGS));
  expect(spec).toMatchObject({
    minReplicas: 2,
    maxReplicas: 12,
    metrics: [
      {
        type: 'External',
        external: {
          metric: {
            name: 'tidemark_desired_replicas',
            selector: { matchLabels: { pipeline: 'stocks' } },
          },
          target: { type: 'AverageValue', averageValue: '1' },
        },
      },
    ],
  });
});

test("KEDA is given the same number and the same behaviour, from the operator's own page", () => {
  const objects = pipelineObjects(scaledBy('keda'), SURROUNDINGS);
  const [autoscaler] = of('HorizontalPodAutoscaler', pipelineObjects(scaledBy('operator'), SURROUNDINGS));
  expect(of('HorizontalPodAutoscaler', objects)).toEqual([]);
  expect(of('ScaledObject', objects)).toMatchObject([
    {
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'stocks-aggregator' },
        minReplicaCount: 2,
        maxReplicaCount: 12,
        advanced: {
          horizontalPodAutoscalerConfig: { behavior: (autoscaler.spec as { behavior: object }).behavior },
        },
        triggers: [
          {
            type: 'metrics-api',
            metricType: 'AverageValue',
            metadata: {
              url: 'http://tidemark-operator.tidemark.svc:8080/metrics',
              format: 'prometheus',
              valueLocation: 'tidemark_desired_replicas{namespace="trading",pipeline="stocks"}',
              targetValue: '1',
            },
          },
        ],
      },
    },
  ]);
  expect(of('ScaledObject', pipelineObjects(scaledBy('keda'), { ...SURROUNDINGS, hasKeda: false }))).toEqual(
    [],
  );
});

test('prometheus-adapter serves the same metric as the operator, to the same autoscaler', () => {
  const [operator, prometheus] = (['operator', 'prometheus'] as const).map((metrics) =>
    of('HorizontalPodAutoscaler', pipelineObjects(scaledBy(metrics), SURROUNDINGS)),
  );
  expect(prometheus).toEqual(operator);
});

test('the rule for prometheus-adapter in the documentation finds the metric by the names that the autoscaler asks with', () => {
  const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const [, text] = /```yaml\n(# prometheus-adapter[\s\S]*?)```/.exec(page) ?? [];
  const { rules } = parse(text) as { rules: { external: AdapterRule[] } };
  expect(rules.external).toEqual([
    {
      seriesQuery: 'tidemark_desired_replicas{namespace!="",pipeline!=""}',
      resources: { overrides: { namespace: { resource: 'namespace' } } },
      name: { as: 'tidemark_desired_replicas' },
      metricsQuery: 'max(<<.Series>>{<<.LabelMatchers>>}) by (namespace, pipeline)',
    },
  ]);
  const [monitor] = of('PodMonitor', OBJECT_SETS['operator with everything']);
  // Without it Prometheus would put the operator's namespace in the place of the pipeline's.
  expect(monitor.spec).toMatchObject({ podMetricsEndpoints: [{ honorLabels: true }] });
});

interface AdapterRule {
  readonly seriesQuery: string;
  readonly metricsQuery: string;
}

test('topics outlive the pipeline unless it says Delete; everything else goes with it', () => {
  const owners = (object: MovingAverageObject, isTopic: boolean) =>
    pipelineObjects(object, { ...SURROUNDINGS, ownerReference: OWNER })
      .filter(({ kind }) => (kind === 'KafkaTopic') === isTopic)
      .map(({ metadata }) => metadata.ownerReferences);
  const deleting = changed({ deletionPolicy: 'Delete' });
  expect(new Set(owners(STOCKS, true))).toEqual(new Set([undefined]));
  expect(owners(deleting, true)).toEqual(Array.from({ length: 4 }, () => [OWNER]));
  expect(owners(STOCKS, false).every((owner) => owner?.[0].uid === 'a-uid')).toBe(true);
});

test('topics have names that Kubernetes takes, the partitions of the input, and their cluster', () => {
  const topics = of('KafkaTopic', pipelineObjects(STOCKS, SURROUNDINGS));
  expect(topics.map(({ metadata, spec }) => [metadata.name, spec])).toEqual([
    ['stocks', { topicName: 'stocks', partitions: 12 }],
    ['stocks-averages', { topicName: 'stocks_averages', partitions: 12 }],
    ['stocks-late', { topicName: 'stocks_late', partitions: 12 }],
    ['stocks-dead', { topicName: 'stocks_dead', partitions: 12 }],
  ]);
  expect(topics[0].metadata.labels).toMatchObject({ 'strimzi.io/cluster': 'my-cluster' });
});

test('topics whose names would become one keep apart, as do those that lose more than an underscore', () => {
  const names = topicObjectNames(['a_b', 'a-b', 'Stocks', '_', 'plain.topic']);
  expect(names.get('plain.topic')).toBe('plain.topic');
  expect(names.get('a_b')).toMatch(/^a-b-[0-9a-f]{10}$/);
  expect(names.get('Stocks')).toMatch(/^stocks-[0-9a-f]{10}$/);
  expect(names.get('_')).toMatch(/^topic-[0-9a-f]{10}$/);
  expect(new Set(names.values()).size).toBe(5);
});

test('without Strimzi and the Prometheus operator there are none of their kinds', () => {
  const objects = pipelineObjects(STOCKS, { ...SURROUNDINGS, hasStrimzi: false, hasPodMonitor: false });
  expect(new Set(objects.map(({ kind }) => kind))).toEqual(
    new Set([
      'ServiceAccount',
      'NetworkPolicy',
      'ConfigMap',
      'Deployment',
      'PodDisruptionBudget',
      'HorizontalPodAutoscaler',
    ]),
  );
});

test('what a chart says of all aggregators reaches their objects through the environment of the operator', () => {
  const values = operatorValues.parse({
    aggregators: {
      resources: { requests: { cpu: '1', memory: '1Gi' } },
      serviceAccountAnnotations: { role: 'aggregator' },
      topologySpread: 'zones-required',
      logLevel: 'debug',
    },
  });
  const [operator] = podTemplates(operatorObjects({ values, namespace: 'tidemark' }));
  const [container] = operator.template.spec.containers;
  const settings = container.env?.find(({ name }) => name === 'TIDEMARK_AGGREGATORS')?.value;
  const surroundings = { ...SURROUNDINGS, ...readAggregatorSettings(settings) };

  const objects = pipelineObjects(STOCKS, surroundings);
  const [{ template }] = podTemplates(objects);
  expect(of('ServiceAccount', objects)[0].metadata.annotations).toEqual({ role: 'aggregator' });
  expect(template.spec.containers[0].resources).toEqual({ requests: { cpu: '1', memory: '1Gi' } });
  expect(template.spec.containers[0].env).toContainEqual({ name: 'TIDEMARK_LOG_LEVEL', value: 'debug' });
  expect(template.spec.topologySpreadConstraints).toMatchObject([
    { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' },
    { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
  ]);
});

test("a pipeline's own resources go before those of all, and are none of its file: a change keeps the ConfigMap", () => {
  const own = { ...STOCKS, spec: { ...STOCKS.spec, resources: { limits: { cpu: '4' } } } };
  const general = { ...SURROUNDINGS, resources: { requests: { cpu: '1' } } };
  const objects = pipelineObjects(own, general);
  expect(podTemplates(objects)[0].template.spec.containers[0].resources).toEqual({ limits: { cpu: '4' } });
  expect(of('ConfigMap', objects)).toEqual(of('ConfigMap', pipelineObjects(STOCKS, general)));
});

test('Secrets to fetch the image with are those of the settings, and none are none', () => {
  const named = readAggregatorSettings('{"imagePullSecrets": [{"name": "registry"}]}');
  const [{ template }] = podTemplates(pipelineObjects(STOCKS, { ...SURROUNDINGS, ...named }));
  expect(template.spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
  const [without] = podTemplates(pipelineObjects(STOCKS, { ...SURROUNDINGS, imagePullSecrets: [] }));
  expect(without.template.spec).not.toHaveProperty('imagePullSecrets');
});

test("the operator's pods have its own, and it is told them for aggregators", () => {
  const values = operatorValues.parse({ imagePullSecrets: [{ name: 'registry' }] });
  const [{ template }] = podTemplates(operatorObjects({ values, namespace: 'tidemark' }));
  expect(template.spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
  const told = template.spec.containers[0].env?.find(({ name }) => name === 'TIDEMARK_IMAGE_PULL_SECRETS');
  expect(readImagePullSecrets(told?.value)).toEqual([{ name: 'registry' }]);
  expect(readImagePullSecrets(undefined)).toEqual([]);
  expect(() => readImagePullSecrets('["registry"]')).toThrow(/expected object/);
});

test('without settings aggregators are as the constructs have them', () => {
  expect(readAggregatorSettings(undefined)).toEqual({});
  expect(() => readAggregatorSettings('{"replicas": 3}')).toThrow(/replicas/);
});

test('a resource with mistakes gives no objects but all its mistakes', () => {
  const wrong = changed({ windows: [{ size: '3s', slide: '4s' }], output: { topic: 'stocks' } });
  expect(() => pipelineObjects(wrong, SURROUNDINGS)).toThrow(
    /^movingaverage\/stocks: spec\.output\.topic: .*\nmovingaverage\/stocks: spec\.windows\[0\]\.slide: /,
  );
});

test('the Kafka user may do what its pipeline does, with the group and the transactions that it uses', () => {
  const [user] = of('KafkaUser', OBJECT_SETS['dev.yaml']);
  const { acls } = (user.spec as { authorization: { acls: { resource: object; operations: string[] }[] } })
    .authorization;
  const group = groupIdOf('stocks');
  const literal = (type: string, name: string) => ({ type, name, patternType: 'literal' });
  expect(acls).toEqual([
    { resource: literal('topic', 'stocks'), operations: ['Describe', 'Read'] },
    ...['stocks_averages', 'stocks_late', 'stocks_dead'].map((topic) => ({
      resource: literal('topic', topic),
      operations: ['Describe', 'Write'],
    })),
    { resource: literal('group', group), operations: ['Describe', 'Read'] },
    {
      resource: { type: 'transactionalId', name: `${group}-stocks-`, patternType: 'prefix' },
      operations: ['Describe', 'Write'],
    },
  ]);
});

test('the topic between the stages of an input that is re-keyed, kept for a weekend and two days', () => {
  const rekeyed = changed({ input: { ...STOCKS.spec.input, rekey: true } });
  const topics = of('KafkaTopic', pipelineObjects(rekeyed, SURROUNDINGS));
  const between = topics.find(({ metadata }) => metadata.name === 'tidemark.stocks.rekeyed');
  expect(between?.spec).toEqual({
    topicName: 'tidemark.stocks.rekeyed',
    partitions: 12,
    config: { 'cleanup.policy': 'delete', 'retention.ms': String(4 * 86_400_000 + 3_000 + 5_000) },
  });
  expect(topics).toHaveLength(5);
});

test('the Kafka user of an input that is re-keyed: the topic between, both groups and their transactions', () => {
  const chart = new Chart(new App(), 'user');
  const pipeline = pipelineOfObject(changed({ input: { ...STOCKS.spec.input, rekey: true } }));
  addPipelineUser(chart, { cluster: 'my-cluster', pipeline, logIn: 'certificate' });
  const [user] = chart.toJson() as { spec: { authorization: { acls: { resource: { name: string } }[] } } }[];
  expect(user.spec.authorization.acls.map(({ resource }) => resource.name)).toEqual([
    ...['stocks', 'stocks_averages', 'stocks_late', 'stocks_dead', 'tidemark.stocks.rekeyed'],
    ...['tidemark.stocks', 'tidemark.stocks-tidemark.stocks.rekeyed-'],
    ...['tidemark.stocks.rekey', 'tidemark.stocks.rekey-stocks-'],
  ]);
});

function changed(spec: Partial<MovingAverageObject['spec']>): MovingAverageObject {
  return { ...STOCKS, spec: { ...STOCKS.spec, ...spec } };
}

function of(kind: string, objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.filter((object) => object.kind === kind);
}

function podOf(object: MovingAverageObject) {
  const [{ template }] = podTemplates(pipelineObjects(object, SURROUNDINGS));
  return template;
}
