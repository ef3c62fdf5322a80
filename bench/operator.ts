/** `npm run bench:operator`: what an operator costs beside many pipelines that need nothing, and how soon it acts. */
import { setTimeout as delay } from 'node:timers/promises';
import { KINDS, pathOf } from '../src/kube/kinds.ts';
import { startKafka } from '../test/support/kafka-broker.ts';
import { MovingAverageInCluster } from '../test/support/moving-average.ts';
import { benchmarkFlags, count, reportFailure } from './support/flags.ts';
import { withOperators, type OperatorNamespace } from './support/operator-namespace.ts';
import { percentiles, type Percentiles } from './support/percentiles.ts';
import { report } from './support/report.ts';

const HELP = `
Two operators in pods, as the manifests install them, on the cluster of KUBECONFIG, and pipelines with topics in a real
Kafka. Their aggregators ask for more than a node has and so wait, which leaves the cores to what is measured: the
leader's share of a core and its memory, by its own metrics, before the pipelines and beside them; then, one pipeline
after the other, the time from an edit until its Deployment is the new one.

  KUBECONFIG=... TIDEMARK_E2E_IMAGE=tidemark:0.1.0 npm run bench:operator
  TIDEMARK_E2E_HOST=192.0.2.1 npm run bench:operator -- --pipelines 200

  --pipelines N     50 if left out
  --seconds N       how long to measure, 60 if left out`;

const REST_MS = 10_000;

interface Figures {
  readonly pipelines: number;
  readonly cpuShare: number;
  readonly residentMb: number;
  readonly followerMb: number;
  readonly changeMs: Percentiles | undefined;
}

const COLUMNS = [
  { title: 'pipelines', text: (figures: Figures) => String(figures.pipelines) },
  {
    title: 'leader, share of a core',
    text: (figures: Figures) => `${(100 * figures.cpuShare).toFixed(2)} %`,
  },
  { title: 'leader, MB', text: (figures: Figures) => figures.residentMb.toFixed(0) },
  { title: 'follower, MB', text: (figures: Figures) => figures.followerMb.toFixed(0) },
  {
    title: 'an edit until the new Deployment, ms: p50, p99, most',
    text: ({ changeMs }: Figures) =>
      changeMs === undefined
        ? ''
        : [changeMs.p50, changeMs.p99, changeMs.max].map((ms) => ms.toFixed(0)).join(', '),
  },
];

const { flags, form } = benchmarkFlags(
  { pipelines: { type: 'string', default: '50' }, seconds: { type: 'string', default: '60' } },
  HELP,
  'removes',
);
const pipelineCount = count('pipelines', flags.pipelines);
const measuredMs = count('seconds', flags.seconds) * 1000;
await reportFailure(() => withOperators(bench));

async function bench(there: OperatorNamespace): Promise<void> {
  const kafka = await startKafka({ host: there.host, own: true });
  try {
    const figures = await there.interruption.orGivenUp(() => measured(there, kafka.brokers));
    report(form, 'The operator', COLUMNS, figures);
  } finally {
    await kafka.stop();
  }
}

async function measured(there: OperatorNamespace, brokers: string[]): Promise<Figures[]> {
  const { client, namespace } = there;
  const empty = await idling(there);
  const pipelines = Array.from(
    { length: pipelineCount },
    (_, index) => new MovingAverageInCluster(client, namespace, `idle-${index}`),
  );
  for (const pipeline of pipelines) await pipeline.apply(specOf(pipeline.name, brokers, '1s'));
  for (const pipeline of pipelines) await pipeline.becomes('Ready', 'NoAggregatorReady', 120_000);
  const beside = await idling(there);
  const changes: number[] = [];
  for (const pipeline of pipelines) changes.push(await changed(pipeline, brokers));
  return [
    { pipelines: 0, ...empty, changeMs: undefined },
    { pipelines: pipelineCount, ...beside, changeMs: percentiles(changes) },
  ];
}

async function idling(there: OperatorNamespace): Promise<Omit<Figures, 'pipelines' | 'changeMs'>> {
  const { operator } = there;
  await delay(REST_MS);
  const leader = await operator.leader();
  const names = (await operator.readyPods()).map(({ metadata }) => metadata.name);
  const leading = names.find((name) => leader.startsWith(name));
  const following = names.find((name) => name !== leading);
  if (leading === undefined || following === undefined)
    throw new Error(`${leader} leads; ready: ${names.join()}`);
  const before = await costOf(leading, there);
  const beganMs = performance.now();
  await delay(measuredMs);
  const after = await costOf(leading, there);
  return {
    cpuShare: ((after.cpuSeconds - before.cpuSeconds) * 1000) / (performance.now() - beganMs),
    residentMb: after.residentMb,
    followerMb: (await costOf(following, there)).residentMb,
  };
}

/** By the pod's own metrics, through the API server. */
async function costOf(pod: string, { client, namespace }: OperatorNamespace) {
  const path = `${pathOf(KINDS.Pod, namespace, `${pod}:8080`)}/proxy/metrics`;
  const figures = new Map<string, number>();
  for await (const line of client.lines({ method: 'GET', path, signal: AbortSignal.timeout(10_000) })) {
    const [name = '', value] = line.split(' ');
    figures.set(name, Number(value));
  }
  return {
    cpuSeconds: figures.get('process_cpu_seconds_total') ?? NaN,
    residentMb: (figures.get('process_resident_memory_bytes') ?? NaN) / 1e6,
  };
}

/** From the edit on until the Deployment has another generation, in ms. */
async function changed(pipeline: MovingAverageInCluster, brokers: string[]): Promise<number> {
  const generation = async () => (await pipeline.objects(KINDS.Deployment))[0]?.metadata.generation;
  const before = await generation();
  const startMs = performance.now();
  await pipeline.apply(specOf(pipeline.name, brokers, '2s'));
  while ((await generation()) === before) {
    if (performance.now() - startMs > 30_000)
      throw new Error(`${pipeline.name} was edited, and nothing changed`);
    await delay(2);
  }
  return performance.now() - startMs;
}

function specOf(name: string, brokers: string[], delayText: string) {
  return {
    kafka: { bootstrapServers: brokers },
    input: { topic: name, partitions: 1 },
    output: { topic: `${name}_averages` },
    windows: [{ size: '3s', slide: '1s' }],
    watermark: { delay: delayText },
    resources: { requests: { cpu: '1000' } },
  };
}
