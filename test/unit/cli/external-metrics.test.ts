import { expect, test } from '@jest/globals';
import { externalMetricsPort } from '../../../src/cli/external-metrics.ts';

test.each([
  [{}, undefined],
  [{ TIDEMARK_EXTERNAL_METRICS: 'false', TIDEMARK_EXTERNAL_METRICS_PORT: '7443' }, undefined],
  [{ TIDEMARK_EXTERNAL_METRICS: 'true' }, 6443],
  [{ TIDEMARK_EXTERNAL_METRICS: 'true', TIDEMARK_EXTERNAL_METRICS_PORT: '0' }, 0],
])('%j: external metrics are at port %s', (env, port) => {
  expect(externalMetricsPort(env)).toBe(port);
});

test.each([
  [{ TIDEMARK_EXTERNAL_METRICS: 'yes' }, 'TIDEMARK_EXTERNAL_METRICS is neither true nor false: yes'],
  [
    { TIDEMARK_EXTERNAL_METRICS: 'true', TIDEMARK_EXTERNAL_METRICS_PORT: '65536' },
    'TIDEMARK_EXTERNAL_METRICS_PORT is no port: 65536',
  ],
])('%j is refused as a mistake of usage', (env, message) => {
  expect(() => externalMetricsPort(env)).toThrow(
    expect.objectContaining({ code: 'OPERATOR_USAGE', exitCode: 2, message }),
  );
});
