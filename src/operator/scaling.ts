import type { Scaling } from '../resource/pipeline.ts';
import type { Finding } from './condition.ts';
import type { KubeObject } from './kube-object.ts';
import type { MetricsProvider } from './ports.ts';
import type { ScalingKnowledge } from './pipeline-knowledge.ts';
import type { ScalingStatus } from './scaling-status.ts';

/** What decides whether the number of aggregators follows the load. */
export interface ScalingParts {
  /** Undefined: it is not wanted. */
  readonly scaling: Scaling | undefined;
  readonly autoscaler: KubeObject | undefined;
  readonly scaledObject: KubeObject | undefined;
  readonly hasKeda: boolean;
  readonly metricsProvider: MetricsProvider | undefined;
  /** Another one changes our registration again and again. */
  readonly isRegistrationContested: boolean;
  /** Of this process. */
  readonly measured: ScalingKnowledge | undefined;
  /** Of the status: what this process or the one before has told. */
  readonly told: ScalingStatus | undefined;
}

/** The first obstacle on the way from the load to the number of aggregators, with what to do; or that there is none. */
export function scalingState(parts: ScalingParts): Finding {
  const { scaling, autoscaler, measured, told } = parts;
  if (scaling === undefined) {
    return finding(
      'False',
      'NotConfigured',
      'spec.scaling is not set: as many aggregators run as spec.replicas says',
    );
  }
  if (measured?.blind !== undefined) return measured.blind;
  const isContested = scaling.metrics === 'operator' && parts.isRegistrationContested;
  return (
    unserved(scaling, parts) ?? autoscalerState(scaling, autoscaler, measured?.status ?? told, isContested)
  );
}

/** Nobody serves the metric of the autoscaler as the spec has it. */
function unserved({ metrics }: Scaling, parts: ScalingParts): Finding | undefined {
  const { metricsProvider, hasKeda, scaledObject } = parts;
  if (metrics === 'operator' && typeof metricsProvider === 'object') {
    return finding(
      'False',
      'OtherProvider',
      `the external metrics of this cluster are served by ${metricsProvider.other}, and only one can: set spec.scaling.metrics to keda or prometheus, whichever that is; or uninstall it, and when the APIService ${API_SERVICE} is gone the operator will serve them`,
    );
  }
  if (metrics === 'operator' && metricsProvider === 'switched off') {
    return finding(
      'False',
      'NotServed',
      "the operator is set not to serve external metrics (externalMetrics of the chart's values): set spec.scaling.metrics to keda or prometheus, whichever the cluster has. As many aggregators as there are go on",
    );
  }
  if (metrics !== 'keda') return undefined;
  if (!hasKeda) {
    return finding(
      'False',
      'KedaMissing',
      'spec.scaling.metrics is keda, and ScaledObject of keda.sh/v1alpha1 is not installed: install KEDA 2.16 or newer, or leave spec.scaling.metrics out. As many aggregators as there are go on',
    );
  }
  if (metricsProvider === 'tidemark') {
    return finding(
      'False',
      'OtherProvider',
      `spec.scaling.metrics is keda, and the external metrics of this cluster are served by Tidemark's operator itself, so KEDA's autoscaler gets none: set externalMetrics to false in the values of its chart and let KEDA register the APIService ${API_SERVICE}, or leave spec.scaling.metrics out`,
    );
  }
  const { conditions = [] } = (scaledObject?.status ?? {}) as StatusWithConditions;
  const ready = conditions.find(({ type }) => type === 'Ready');
  // It has no number: the autoscaler that KEDA has made says why.
  if (ready?.status !== 'False' || ready.reason === 'TriggerError') return undefined;
  return finding(
    'False',
    'KedaNotReady',
    `KEDA does not scale: ${ready.message ?? ready.reason ?? 'it does not say why'}`,
  );
}

/** What the autoscaler says of itself, in our words where it leaves a person alone. */
function autoscalerState(
  { metrics }: Scaling,
  autoscaler: KubeObject | undefined,
  load: ScalingStatus | undefined,
  isContested: boolean,
): Finding {
  const status = (autoscaler?.status ?? {}) as StatusWithConditions & { readonly currentReplicas?: number };
  const active = status.conditions?.find(({ type }) => type === 'ScalingActive');
  if (load?.desiredReplicas === undefined)
    return finding('Unknown', 'Starting', load?.message ?? 'the load has not been measured yet');
  if (active === undefined)
    return finding('Unknown', 'Starting', `the autoscaler has not looked at the load yet. ${load.message}`);
  if (active.status === 'True')
    return finding('True', 'Following', `${load.message}; ${status.currentReplicas ?? 0} run`);
  const said = active.message ?? 'it does not say why';
  if (active.reason !== 'FailedGetExternalMetric')
    return finding(
      'False',
      active.reason ?? 'Unknown',
      `the autoscaler keeps the number of aggregators: ${said}`,
    );
  const unavailable = `the autoscaler does not get the metric: ${said}`;
  return isContested
    ? finding('False', 'RegistrationContested', `${CONTESTED}; ${unavailable}`)
    : finding('False', 'MetricUnavailable', `${unavailable}. ${REMEDIES[metrics]}`);
}

interface StatusWithConditions {
  readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[];
}

const API_SERVICE = 'v1beta1.external.metrics.k8s.io';

const CONTESTED = `another one changes the operator's registration, the APIService ${API_SERVICE}, whenever it is put right, as KEDA does while it runs: set spec.scaling.metrics to keda and externalMetrics to false in the values of the operator's chart, so that KEDA registers; or uninstall KEDA. If it is another, the managedFields of the APIService name it. As many aggregators as there are go on`;

const REMEDIES: Readonly<Record<Scaling['metrics'], string>> = {
  operator: `kubectl get apiservice ${API_SERVICE} says who serves it, and whether it can be reached`,
  keda: `See the events of the ScaledObject, whether KEDA reaches the operator's Service, and by kubectl get apiservice ${API_SERVICE} whether it is KEDA that serves`,
  prometheus:
    'See whether Prometheus has tidemark_desired_replicas, and whether prometheus-adapter has the rule of docs/operations.md',
};

function finding(status: Finding['status'], reason: string, message: string): Finding {
  return { status, reason, message };
}
