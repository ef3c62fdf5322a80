import { pipelineOfObject } from '../../src/resource/parse.ts';
import { objectsOf, type KubernetesObject } from '../kubernetes-object.ts';
import { addMovingAverage, movingAverageObject } from '../moving-average-object.ts';
import { addKafka } from '../strimzi/kafka.ts';
import { addPipelineUser } from '../strimzi/pipeline-user.ts';
import { addRedis } from './redis.ts';

const CLUSTER = 'my-cluster';

/** A Kafka of one node, a Redis and a pipeline, to try things out on a small cluster that has Strimzi's operator. */
export function devObjects(namespace: string): KubernetesObject[] {
  return objectsOf({ namespace, labels: { 'app.kubernetes.io/part-of': 'tidemark' } }, (chart) => {
    addKafka(chart, {
      name: CLUSTER,
      nodes: 1,
      storage: { size: '5Gi' },
      logIn: 'password',
      spreadsOverZones: false,
    });
    addPipelineUser(chart, { cluster: CLUSTER, pipeline: pipelineOfObject(STOCKS), logIn: 'password' });
    addRedis(chart);
    addMovingAverage(chart, STOCKS);
  });
}

const STOCKS = movingAverageObject('stocks', {
  kafka: {
    cluster: CLUSTER,
    sasl: {
      mechanism: 'scram-sha-512',
      username: 'stocks',
      passwordSecretRef: { name: 'stocks', key: 'password' },
    },
  },
  redis: { url: 'redis://redis:6379' },
  input: { topic: 'stocks', partitions: 4, key: 'stockName' },
  output: { topic: 'stocks_averages' },
  late: { topic: 'stocks_late' },
  deadLetters: { topic: 'stocks_dead' },
  windows: [{ size: '3s', slide: '1s' }],
  watermark: { delay: '5s', idleAfter: '10s' },
  scaling: { minReplicas: 1, maxReplicas: 4 },
});
