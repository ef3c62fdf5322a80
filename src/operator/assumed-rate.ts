import type { KubeObject } from './kube-object.ts';

/**
 * What an aggregator is taken to fold per second until it was measured, from the processor time that its pods ask for;
 * where only a limit is given, Kubernetes has them ask for that.
 * A core folds 1.4 M trades/s of a backlog where windows hold many trades, and 0.5 M where results are most of the work
 * (docs/performance.md): the lower one, for too many aggregators cost less than too few.
 */
export function assumedRate(deployment: KubeObject): number {
  const { template } = (deployment.spec ?? {}) as DeploymentSpec;
  const { requests, limits } = template?.spec?.containers?.[0]?.resources ?? {};
  const requested = requests?.cpu ?? limits?.cpu;
  const cores = requested === undefined ? undefined : coresIn(String(requested));
  return PER_CORE * (cores ?? DEFAULT_CORES);
}

/** A quantity of Kubernetes: `500m`, `2`, `0.5`. Undefined for what is none above zero. */
function coresIn(quantity: string): number | undefined {
  const cores = quantity.endsWith('m') ? Number(quantity.slice(0, -1)) / 1000 : Number(quantity);
  return cores > 0 ? cores : undefined;
}

interface DeploymentSpec {
  readonly template?: {
    readonly spec?: {
      readonly containers?: readonly {
        readonly resources?: { readonly requests?: Amounts; readonly limits?: Amounts };
      }[];
    };
  };
}

interface Amounts {
  readonly cpu?: string | number;
}

const PER_CORE = 500_000;
const DEFAULT_CORES = 0.5;
