import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface DesiredReplicas {
  readonly namespace: string;
  readonly pipeline: string;
  readonly replicas: number;
}

export interface PipelineCondition {
  readonly namespace: string;
  readonly pipeline: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

/** What the operator knows of every pipeline; asked for with every look at the metrics. */
export interface PipelineFigures {
  /** Of those whose load is known. */
  desiredReplicas(): Iterable<DesiredReplicas>;
  conditions(): Iterable<PipelineCondition>;
}

/** The operator's metrics for Prometheus; docs/metrics.md lists them. */
export class OperatorMetrics {
  readonly registry = new Registry();
  readonly #leading: Gauge;
  readonly #seconds: Histogram<'concern'>;
  readonly #failures: Counter<'concern'>;
  readonly #answers: Histogram<'status'>;

  constructor(pipelines: PipelineFigures) {
    const registers = [this.registry];
    new Gauge({
      name: 'tidemark_desired_replicas',
      help: 'Aggregators that the load of a pipeline asks for; missing while that is not known.',
      labelNames: ['namespace', 'pipeline'],
      registers,
      collect() {
        this.reset();
        for (const { namespace, pipeline, replicas } of pipelines.desiredReplicas())
          this.set({ namespace, pipeline }, replicas);
      },
    });
    new Gauge({
      name: 'tidemark_pipeline_condition',
      help: 'Conditions of a pipeline: 1 for the status and the reason that each one has.',
      labelNames: ['namespace', 'pipeline', 'condition', 'status', 'reason'],
      registers,
      collect() {
        this.reset();
        for (const { type: condition, ...labels } of pipelines.conditions())
          this.set({ condition, ...labels }, 1);
      },
    });
    this.#leading = new Gauge({
      name: 'tidemark_operator_leading',
      help: 'Whether this operator leads.',
      registers,
    });
    this.#seconds = new Histogram({
      name: 'tidemark_operator_reconcile_seconds',
      help: 'Looks at a pipeline, by what of it was looked at.',
      labelNames: ['concern'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
      registers,
    });
    this.#failures = new Counter({
      name: 'tidemark_operator_failures_total',
      help: 'Looks that failed and were tried again.',
      labelNames: ['concern'],
      registers,
    });
    this.#answers = new Histogram({
      name: 'tidemark_operator_external_metrics_seconds',
      help: 'Requests for external metrics, by the status of HTTP that they were answered with.',
      labelNames: ['status'],
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 1, 5],
      registers,
    });
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 100 }); // in ms; 10 costs too much
  }

  worked(concern: string, tookMs: number, hasFailed: boolean): void {
    this.#seconds.observe({ concern }, tookMs / 1000);
    if (hasFailed) this.#failures.inc({ concern });
  }

  answered(status: number, tookMs: number): void {
    this.#answers.observe({ status: String(status) }, tookMs / 1000);
  }

  leading(isLeading: boolean): void {
    this.#leading.set(isLeading ? 1 : 0);
  }
}
