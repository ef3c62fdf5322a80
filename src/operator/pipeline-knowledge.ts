import type { Finding } from './condition.ts';
import type { Progress } from './ports.ts';
import type { ScalingStatus } from './scaling-status.ts';

/** What was learnt about a pipeline outside of the cluster, where asking takes time. */
export interface Knowledge {
  /** Of its topics in Kafka; undefined while they were not looked at. */
  topics: Finding | undefined;
  /** The generation and annotations that the finding is of. */
  topicsOf: string | undefined;
  progress: Progress | undefined;
  /** Undefined while the load was not measured by this process. */
  scaling: ScalingKnowledge | undefined;
  /** What of the progress the status was last to tell. */
  toldProgress: string | undefined;
}

export interface ScalingKnowledge {
  readonly status: ScalingStatus;
  /** Why the load cannot be read; undefined: it can. */
  readonly blind: Finding | undefined;
}

/** By `namespace/name`; nothing of it has to outlive the process. */
export class PipelineKnowledge {
  readonly #known = new Map<string, Knowledge>();

  of(key: string): Knowledge {
    const known = this.#known.get(key) ?? {
      topics: undefined,
      topicsOf: undefined,
      progress: undefined,
      scaling: undefined,
      toldProgress: undefined,
    };
    this.#known.set(key, known);
    return known;
  }

  forget(key: string): void {
    this.#known.delete(key);
  }
}
