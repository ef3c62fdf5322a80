import { pipelineOfObject } from '../../src/resource/parse.ts';
import { objectsOf, type KubernetesObject } from '../kubernetes-object.ts';
import { addMovingAverage, movingAverageObject } from '../moving-average-object.ts';
import { operatorObjects } from '../operator/operator-parts.ts';
import { operatorValues } from '../operator/operator-values.ts';
import { addKafka } from '../strimzi/kafka.ts';
import { addPipelineUser } from '../strimzi/pipeline-user.ts';
import { addGp3StorageClass } from './storage-class.ts';

const CLUSTER = 'my-cluster';
const STORAGE_CLASS = 'tidemark-gp3';

/** Stands for an account's own number and endpoint, which a reader replaces. */
const ROLE = 'arn:aws:iam::111122223333:role/tidemark-aggregator';
const REDIS_URL = 'rediss://master.tidemark.abc123.euc1.cache.amazonaws.com:6379';

/**
 * The operator and a pipeline on Amazon EKS: Kafka over three zones on gp3 volumes with mutual TLS, a Redis of
 * ElastiCache over TLS, an IAM role for the aggregators (IRSA), and pods that must spread over zones.
 */
export function eksObjects(namespaces: { operator: string; pipelines: string }): KubernetesObject[] {
  const labels = { 'app.kubernetes.io/part-of': 'tidemark' };
  return [
    ...operatorObjects({ values: EKS_VALUES, namespace: namespaces.operator }),
    ...objectsOf({ labels }, (chart) => {
      addGp3StorageClass(chart, STORAGE_CLASS);
    }),
    ...objectsOf({ labels, namespace: namespaces.pipelines }, (chart) => {
      addKafka(chart, {
        name: CLUSTER,
        nodes: 3,
        storage: { size: '100Gi', class: STORAGE_CLASS },
        logIn: 'certificate',
        spreadsOverZones: true,
      });
      addPipelineUser(chart, { cluster: CLUSTER, pipeline: pipelineOfObject(STOCKS), logIn: 'certificate' });
      addMovingAverage(chart, STOCKS);
    }),
  ];
}

export const EKS_VALUES = operatorValues.parse({
  aggregators: {
    serviceAccountAnnotations: { 'eks.amazonaws.com/role-arn': ROLE },
    topologySpread: 'zones-required',
  },
});

const STOCKS = movingAverageObject('stocks', {
  kafka: {
    cluster: CLUSTER,
    tls: {
      caSecretRef: { name: `${CLUSTER}-cluster-ca-cert`, key: 'ca.crt' },
      certificateSecretRef: { name: 'stocks', certificate: 'user.crt', privateKey: 'user.key' },
    },
  },
  redis: { url: REDIS_URL, passwordSecretRef: { name: 'redis', key: 'password' } },
  input: { topic: 'stocks', partitions: 12, key: 'stockName' },
  output: { topic: 'stocks_averages' },
  late: { topic: 'stocks_late' },
  deadLetters: { topic: 'stocks_dead' },
  windows: [{ size: '3s', slide: '1s' }],
  watermark: { delay: '5s', idleAfter: '10s' },
  scaling: { minReplicas: 3, maxReplicas: 12, catchUpWithin: '60s' },
});
