import { expect, test } from '@jest/globals';
import { assumedRate } from '../../../src/operator/assumed-rate.ts';
import { desiredReplicas } from '../../../src/operator/desired-replicas.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import { scalingState, type ScalingParts } from '../../../src/operator/scaling.ts';
import { scalingMessage } from '../../../src/operator/scaling-status.ts';
import type { Demand } from '../../../src/scaling/load-follower.ts';

const SCALING = { minReplicas: 2, maxReplicas: 12, catchUpWithinMs: 60_000, metrics: 'operator' } as const;
const LOAD = { desiredReplicas: 4, message: 'so much arrives: 4 aggregators' };
const ACTIVE = autoscaler({ type: 'ScalingActive', status: 'True' });
const BY_KEDA: Partial<ScalingParts> = {
  scaling: { ...SCALING, metrics: 'keda' },
  hasKeda: true,
  metricsProvider: { other: 'keda/keda-operator-metrics-apiserver' },
};
/** What KEDA says of a ScaledObject while it does not get the number. */
const WITHOUT_NUMBER = {
  type: 'Ready',
  status: 'False',
  reason: 'TriggerError',
  message: 'Triggers defined in ScaledObject are not working correctly',
};
const WELL: ScalingParts = {
  scaling: SCALING,
  autoscaler: ACTIVE,
  scaledObject: undefined,
  hasKeda: false,
  metricsProvider: 'tidemark',
  isRegistrationContested: false,
  measured: { status: LOAD, blind: undefined },
  told: undefined,
};

test('where the autoscaler follows, the condition says what the number follows from', () => {
  expect(scalingState(WELL)).toEqual({
    status: 'True',
    reason: 'Following',
    message: 'so much arrives: 4 aggregators; 3 run',
  });
  expect(scalingState({ ...WELL, measured: undefined, told: LOAD }).reason).toBe('Following');
});

test.each<[string, Partial<ScalingParts>, string, RegExp]>([
  ['not wanted', { scaling: undefined }, 'NotConfigured', /spec\.replicas/],
  ['nothing measured', { measured: undefined }, 'Starting', /not been measured/],
  ['no look of the autoscaler', { autoscaler: undefined }, 'Starting', /has not looked/],
  [
    'brokers away',
    {
      measured: {
        status: { message: 'away' },
        blind: { status: 'False', reason: 'KafkaUnreachable', message: 'away' },
      },
    },
    'KafkaUnreachable',
    /away/,
  ],
  [
    'another provider',
    { metricsProvider: { other: 'keda/keda-operator-metrics-apiserver' } },
    'OtherProvider',
    /keda\/keda-operator-metrics-apiserver.*set spec\.scaling\.metrics to keda or prometheus/,
  ],
  [
    'an operator that is not to serve the metric',
    { metricsProvider: 'switched off' },
    'NotServed',
    /externalMetrics.*set spec\.scaling\.metrics to keda or prometheus/,
  ],
  [
    'KEDA, but the operator has registered',
    { ...BY_KEDA, metricsProvider: 'tidemark' },
    'OtherProvider',
    /set externalMetrics to false/,
  ],
  ['no KEDA', { scaling: { ...SCALING, metrics: 'keda' } }, 'KedaMissing', /install KEDA/],
  [
    'a ScaledObject that KEDA refuses',
    {
      ...BY_KEDA,
      scaledObject: withConditions('ScaledObject', {
        type: 'Ready',
        status: 'False',
        message: 'no such Deployment',
      }),
    },
    'KedaNotReady',
    /no such Deployment/,
  ],
  [
    'KEDA has no number before one is measured',
    {
      ...BY_KEDA,
      scaledObject: withConditions('ScaledObject', WITHOUT_NUMBER),
      measured: undefined,
    },
    'Starting',
    /not been measured/,
  ],
  [
    'a number that KEDA does not get',
    {
      ...BY_KEDA,
      scaledObject: withConditions('ScaledObject', WITHOUT_NUMBER),
      autoscaler: autoscaler({
        type: 'ScalingActive',
        status: 'False',
        reason: 'FailedGetExternalMetric',
        message: 'error requesting metrics endpoint',
      }),
    },
    'MetricUnavailable',
    /error requesting metrics endpoint.*whether KEDA reaches the operator's Service/,
  ],
  [
    'no metric',
    {
      autoscaler: autoscaler({
        type: 'ScalingActive',
        status: 'False',
        reason: 'FailedGetExternalMetric',
        message: 'the server could not find the requested resource',
      }),
    },
    'MetricUnavailable',
    /could not find.*kubectl get apiservice v1beta1\.external\.metrics\.k8s\.io/,
  ],
  [
    'no metric, for another one changes the registration again and again',
    {
      isRegistrationContested: true,
      autoscaler: autoscaler({
        type: 'ScalingActive',
        status: 'False',
        reason: 'FailedGetExternalMetric',
        message: 'the server is currently unable to handle the request',
      }),
    },
    'RegistrationContested',
    /APIService v1beta1\.external.*metrics to keda and externalMetrics to false.*uninstall KEDA.*unable to handle/,
  ],
  [
    'another complaint of the autoscaler',
    {
      autoscaler: autoscaler({
        type: 'ScalingActive',
        status: 'False',
        reason: 'ScalingDisabled',
        message: 'the replica count of the target is zero',
      }),
    },
    'ScalingDisabled',
    /count of the target is zero/,
  ],
])('%s: the reason and what to do are told', (_what, parts, reason, words) => {
  const found = scalingState({ ...WELL, ...parts });
  expect(found.reason).toBe(reason);
  expect(found.message).toMatch(words);
  expect(found.status).not.toBe('True');
});

test('a registration that is changed again and again is no obstacle where the autoscaler gets its metric all the same', () => {
  expect(scalingState({ ...WELL, isRegistrationContested: true }).reason).toBe('Following');
});

test('with another who serves the metric, another provider is as it should be', () => {
  const parts = { ...WELL, scaling: { ...SCALING, metrics: 'prometheus' as const } };
  for (const metricsProvider of [{ other: 'monitoring/prometheus-adapter' }, 'switched off'] as const) {
    expect(scalingState({ ...parts, metricsProvider }).reason).toBe('Following');
  }
});

const DEMAND: Demand = {
  desiredReplicas: 4,
  why: 'load',
  arrivalPerSecond: 123_456,
  lagRecords: 3_412_345,
  ratePerReplica: 251_234,
  isRateMeasured: true,
  needed: 3.7,
  partitions: 12,
};

test.each<[Partial<Demand>, string]>([
  [{}, '4 aggregators'],
  [{ needed: 4.2, desiredReplicas: 6 }, '6 aggregators, the least from 5 up that share 12 partitions evenly'],
  [{ needed: 11, desiredReplicas: 8 }, '12 are asked for, scaling.maxReplicas allows 8'],
  [{ needed: 0.2, desiredReplicas: 2 }, '1 would do, scaling.minReplicas keeps 2'],
  [{ why: 'slack' }, '4 aggregators, for fewer would have little to spare'],
  [{ why: 'rebalancing' }, '4 aggregators, as before while partitions move'],
  [{ why: 'empty' }, '4 aggregators, as before while no aggregator reads'],
])('the number is told with its figures: %j', (more, end) => {
  const bounds = { minReplicas: 2, maxReplicas: 8, catchUpMs: 60_000 };
  expect(scalingMessage({ ...DEMAND, ...more }, bounds)).toBe(
    `120,000 trades/s arrive, 3,400,000 wait; one aggregator folds 250,000/s: ${end}`,
  );
});

test('no load at all is told to take one, without a word of partitions', () => {
  const bounds = { minReplicas: 1, maxReplicas: 8, catchUpMs: 60_000 };
  expect(scalingMessage({ ...DEMAND, needed: 0, desiredReplicas: 1 }, bounds)).toMatch(/: 1 aggregator$/);
});

test('more than there are partitions is told with the only remedy', () => {
  const bounds = { minReplicas: 2, maxReplicas: 12, catchUpMs: 60_000 };
  expect(scalingMessage({ ...DEMAND, needed: 20.5, desiredReplicas: 12 }, bounds)).toMatch(
    /: 12 aggregators, one for each partition; 21 would be needed, which takes more partitions$/,
  );
});

test.each([
  ['500m', 250_000],
  ['2', 1_000_000],
  [undefined, 250_000],
])('an aggregator that asks for %s of a core is taken to fold %d/s at first', (cpu, perSecond) => {
  const resources = cpu === undefined ? {} : { requests: { cpu } };
  const spec = { template: { spec: { containers: [{ resources }] } } };
  expect(assumedRate({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec })).toBe(
    perSecond,
  );
});

test('one with a limit alone is taken to fold what the limit lets it, for that is what its pods ask for', () => {
  const spec = { template: { spec: { containers: [{ resources: { limits: { cpu: '100m' } } }] } } };
  expect(assumedRate({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec })).toBe(
    50_000,
  );
});

test('the metric has a series for each pipeline whose number is known, and none for the others', () => {
  const named = (name: string, scaling?: object): KubeObject => ({
    apiVersion: 'tidemark.dev/v1alpha1',
    kind: 'MovingAverage',
    metadata: { name, namespace: 'trading' },
    status: { scaling },
  });
  const all = [named('a', LOAD), named('blind', { message: 'brokers away' }), named('fixed')];
  expect([...desiredReplicas(all)]).toEqual([{ namespace: 'trading', pipeline: 'a', replicas: 4 }]);
});

function autoscaler(condition: object): KubeObject {
  const object = withConditions('HorizontalPodAutoscaler', condition);
  return { ...object, status: { ...(object.status as object), currentReplicas: 3 } };
}

function withConditions(kind: string, ...conditions: object[]): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name: 'stocks-aggregator' }, status: { conditions } };
}
