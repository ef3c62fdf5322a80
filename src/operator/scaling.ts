import type { Finding } from './condition.ts';
import type { KubeObject } from './kube-object.ts';
import type { MetricsProvider } from './metrics-provider.ts';

/** What the autoscaler says of itself, in our words where it leaves a person alone. */
export function scalingState(
  isWanted: boolean,
  autoscaler: KubeObject | undefined,
  provider: MetricsProvider | undefined,
): Finding {
  if (!isWanted) {
    return {
      status: 'False',
      reason: 'NotConfigured',
      message: 'spec.scaling is not set: as many aggregators run as spec.replicas says',
    };
  }
  const {
    conditions = [],
    currentReplicas,
    desiredReplicas,
  } = (autoscaler?.status ?? {}) as AutoscalerStatus;
  const active = conditions.find(({ type }) => type === 'ScalingActive');
  if (provider?.kind === 'other' && active?.status !== 'True') return servedByAnother(provider.service);
  if (active === undefined) {
    return {
      status: 'Unknown',
      reason: 'Starting',
      message: 'the autoscaler has not looked at the load yet',
    };
  }
  if (active.status === 'True') {
    return {
      status: 'True',
      reason: 'Following',
      message: `${currentReplicas ?? 0} aggregators run, the load asks for ${desiredReplicas ?? 0}`,
    };
  }
  const remedy = active.reason === 'FailedGetExternalMetric' ? METRIC_REMEDY : '';
  return {
    status: 'False',
    reason: active.reason ?? 'Unknown',
    message: `the autoscaler keeps the number of aggregators: ${active.message ?? 'it does not say why'}${remedy}`,
  };
}

function servedByAnother(service: string): Finding {
  return {
    status: 'False',
    reason: 'OtherMetricsProvider',
    message:
      `the autoscaler keeps the number of aggregators: ${service} serves the external metrics of this cluster, ` +
      'and there can be one provider only. Set spec.scaling.metrics to keda or prometheus, whichever it is',
  };
}

interface AutoscalerStatus {
  readonly currentReplicas?: number;
  readonly desiredReplicas?: number;
  readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[];
}

const METRIC_REMEDY =
  '. See kubectl get apiservice v1beta1.external.metrics.k8s.io: it names who serves metrics.';
