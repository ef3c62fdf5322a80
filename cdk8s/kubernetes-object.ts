import { App, Chart, type ChartProps } from 'cdk8s';

/** An object as `kubectl apply` takes it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly OwnerReference[];
  };
  readonly [field: string]: unknown;
}

/** Names the object with which this one goes. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** What `fill` puts into a chart, as plain objects in the order in which they were put there. */
export function objectsOf(props: ChartProps, fill: (chart: Chart) => void): KubernetesObject[] {
  const chart = new Chart(new App(), 'objects', props);
  fill(chart);
  return chart.toJson() as KubernetesObject[];
}
