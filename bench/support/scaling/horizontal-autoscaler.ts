/** As in the spec of a HorizontalPodAutoscaler of autoscaling/v2. */
export interface ScalingBehavior {
  readonly scaleUp: ScalingRules;
  readonly scaleDown: ScalingRules;
}

export interface ScalingRules {
  readonly stabilizationWindowSeconds: number;
  readonly selectPolicy: string;
  readonly policies: readonly {
    readonly type: string;
    readonly value: number;
    readonly periodSeconds: number;
  }[];
}

export interface AutoscalerOptions {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** `averageValue` of the one external metric. */
  readonly averageValue: number;
  readonly behavior: ScalingBehavior;
}

/** What Kubernetes does where a HorizontalPodAutoscaler has no `behavior`. */
export const DEFAULT_BEHAVIOR: ScalingBehavior = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Percent', value: 100, periodSeconds: 15 },
      { type: 'Pods', value: 4, periodSeconds: 15 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: 300,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  },
};

/** How often it looks, and how far off it lets things be (kube-controller-manager's defaults). */
export const SYNC_SECONDS = 15;
const TOLERANCE = 0.1;

/**
 * The arithmetic of Kubernetes' own controller (pkg/controller/podautoscaler, horizontal.go and
 * replica_calculator.go): tolerance, stabilization, and policies by what was changed within their periods.
 */
export class HorizontalAutoscaler {
  readonly #options: AutoscalerOptions;
  #recommendations: { at: number; replicas: number }[] = [];
  #changes: { at: number; by: number }[] = [];

  constructor(options: AutoscalerOptions) {
    this.#options = options;
  }

  /** The number of replicas from `at` on; `metric` undefined: an error, with which it stays. */
  sync(at: number, replicas: number, metric: number | undefined): number {
    if (metric === undefined) return replicas;
    const { minReplicas, maxReplicas, averageValue, behavior } = this.#options;
    const ratio = metric / (averageValue * replicas);
    const asked = Math.abs(ratio - 1) <= TOLERANCE ? replicas : Math.ceil(metric / averageValue);
    const stable = this.#stabilized(at, replicas, Math.min(maxReplicas, Math.max(minReplicas, asked)));
    const next =
      stable > replicas
        ? Math.min(stable, this.#limit(at, replicas, behavior.scaleUp, 1))
        : Math.max(stable, this.#limit(at, replicas, behavior.scaleDown, -1));
    if (next !== replicas) this.#changes.push({ at, by: next - replicas });
    return next;
  }

  #stabilized(at: number, replicas: number, asked: number): number {
    const { scaleUp, scaleDown } = this.#options.behavior;
    let [up, down] = [asked, asked];
    for (const before of this.#recommendations) {
      if (before.at > at - scaleUp.stabilizationWindowSeconds) up = Math.min(up, before.replicas);
      if (before.at > at - scaleDown.stabilizationWindowSeconds) down = Math.max(down, before.replicas);
    }
    this.#recommendations.push({ at, replicas: asked });
    const longest = Math.max(scaleUp.stabilizationWindowSeconds, scaleDown.stabilizationWindowSeconds);
    this.#recommendations = this.#recommendations.filter((each) => each.at > at - longest);
    return Math.min(Math.max(replicas, up), Math.max(down, up));
  }

  /** How far the policies let it go; `sign` says in which direction. */
  #limit(at: number, replicas: number, { policies, selectPolicy }: ScalingRules, sign: 1 | -1): number {
    const limits = policies.map(({ type, value, periodSeconds }) => {
      const changed = this.#changes.filter((change) => change.at > at - periodSeconds);
      const atStart = replicas - changed.reduce((sum, { by }) => sum + by, 0);
      if (type === 'Pods') return atStart + sign * value;
      const share = atStart * (1 + (sign * value) / 100);
      return sign > 0 ? Math.ceil(share) : Math.trunc(share);
    });
    const isMost = selectPolicy === 'Max';
    return sign > 0 === isMost ? Math.max(...limits) : Math.min(...limits);
  }
}
