/** One aspect of a resource's state, as `kubectl get` and `kubectl wait` know it (metav1.Condition). */
export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  /** CamelCase, for programs; docs/operations.md lists them. */
  readonly reason: string;
  /** For people: what is, and what to do about it. */
  readonly message: string;
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
}

export type ConditionType = 'Ready' | 'TopicsReady' | 'Progressing' | 'ScalingActive' | 'Degraded';

/** What a concern finds; which generation it looked at and since when it is so is added by `withTimes`. */
export interface Finding {
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

export type Findings = Readonly<Record<ConditionType, Finding>>;

/** The conditions to write. The time of a transition stays while the status does. */
export function withTimes(
  findings: Findings,
  before: readonly Partial<Condition>[],
  observedGeneration: number,
  nowMs: number,
): Condition[] {
  const now = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  return CONDITION_TYPES.map((type) => {
    const { status, reason, message } = findings[type];
    const old = before.find((condition) => condition.type === type);
    const since = old?.status === status ? old.lastTransitionTime : undefined;
    return {
      type,
      status,
      reason,
      message: shortened(message),
      observedGeneration,
      lastTransitionTime: since ?? now,
    };
  });
}

export const CONDITION_TYPES: readonly ConditionType[] = [
  'Ready',
  'TopicsReady',
  'Progressing',
  'ScalingActive',
  'Degraded',
];

/** The API server takes up to 32,768 characters. */
function shortened(message: string): string {
  return message.length <= MOST_CHARACTERS ? message : `${message.slice(0, MOST_CHARACTERS - 1)}…`;
}

const MOST_CHARACTERS = 8_000;
