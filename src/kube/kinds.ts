import { TidemarkError } from '../pipeline/error.ts';

/** What the operator watches, writes or both. */
export const KINDS = {
  MovingAverage: { apiVersion: 'tidemark.dev/v1alpha1', kind: 'MovingAverage', plural: 'movingaverages' },
  ConfigMap: { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' },
  Secret: { apiVersion: 'v1', kind: 'Secret', plural: 'secrets' },
  Service: { apiVersion: 'v1', kind: 'Service', plural: 'services' },
  ServiceAccount: { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts' },
  Pod: { apiVersion: 'v1', kind: 'Pod', plural: 'pods' },
  Deployment: { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments' },
  HorizontalPodAutoscaler: {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
  },
  PodDisruptionBudget: {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
  },
  NetworkPolicy: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', plural: 'networkpolicies' },
  Lease: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases' },
  Event: { apiVersion: 'events.k8s.io/v1', kind: 'Event', plural: 'events' },
  KafkaTopic: { apiVersion: 'kafka.strimzi.io/v1', kind: 'KafkaTopic', plural: 'kafkatopics' },
  ScaledObject: { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', plural: 'scaledobjects' },
  PodMonitor: { apiVersion: 'monitoring.coreos.com/v1', kind: 'PodMonitor', plural: 'podmonitors' },
  // These two are of no namespace.
  APIService: { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', plural: 'apiservices' },
  ClusterRole: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', plural: 'clusterroles' },
} as const satisfies Readonly<Record<string, Kind>>;

export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

/** Where objects of a kind are: those of a namespace, or with none those of all; with a name, one of them. */
export function pathOf({ apiVersion, plural }: Kind, namespace?: string, name?: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const inside = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `${root}${inside}/${plural}${name === undefined ? '' : `/${name}`}`;
}

/** Throws a TidemarkError, KUBE_UNKNOWN_KIND. */
export function kindOf({ apiVersion, kind }: { apiVersion: string; kind: string }): Kind {
  const found = Object.values(KINDS).find((each) => each.kind === kind && each.apiVersion === apiVersion);
  if (found !== undefined) return found;
  throw new TidemarkError(
    'KUBE_UNKNOWN_KIND',
    `the operator does not know the kind ${kind} of ${apiVersion}`,
    'This is a defect: src/kube/kinds.ts lists what it knows.',
  );
}
