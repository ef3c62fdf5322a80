/** A condition under which somebody is to be told; docs/operations.md says what to do. */
export interface Alert {
  readonly name: string;
  /** `critical`: averages are missing or wrong. `warning`: they will be, or something is wrong beside them. */
  readonly severity: 'critical' | 'warning';
  /** PromQL. */
  readonly expr: string;
  /** For how long it has to be so. */
  readonly for: string;
  readonly summary: string;
  readonly description: string;
}

const PIPELINE = '{{ $labels.namespace }}/{{ $labels.pipeline }}';
const DESCRIBE =
  '`kubectl --namespace {{ $labels.namespace }} describe movingaverage {{ $labels.pipeline }}`';
const STATUS = '`tidemark status {{ $labels.pipeline }} --namespace {{ $labels.namespace }}`';

/*
 * Each operator's pod tells the same of a pipeline, so of these the largest counts. An aggregator tells of the
 * partitions that it owns; namespace and pipeline are put to its series by the PodMonitor.
 */
const MAX = 'max by (namespace, pipeline)';
const MAX_BY_REASON = 'max by (namespace, pipeline, reason)';
const SUM = 'sum by (namespace, pipeline)';
const SUM_BY_REASON = 'sum by (namespace, pipeline, reason)';

/** All alerts, the most urgent first. */
export const ALERTS: readonly Alert[] = [
  {
    name: 'TidemarkNotReady',
    severity: 'critical',
    expr: `${MAX} (tidemark_pipeline_condition{condition="Ready", status!="True", reason!="ScaledToZero"}) == 1`,
    for: '5m',
    summary: `${PIPELINE} computes no averages`,
    description: `No aggregator is ready. ${DESCRIBE} says why, and what to do.`,
  },
  {
    name: 'TidemarkFiguresWrong',
    severity: 'critical',
    expr: `${SUM} (tidemark_split_symbols) > 0`,
    for: '1m',
    summary: `${PIPELINE} computes wrong averages of {{ $value }} symbols`,
    description:
      'Their trades come in more than one partition. Key the records of the input by symbol, or set spec.input.rekey.',
  },
  {
    name: 'TidemarkStalled',
    severity: 'critical',
    expr: [stalled(''), stalled('rekey_')].join(' or '),
    for: '3m',
    summary: `${PIPELINE} does not go on with partition {{ $labels.partition }}`,
    description: `Records wait and its watermark stands still. ${STATUS} names the pod that owns it; its log and its page /readyz say what it waits for.`,
  },
  {
    name: 'TidemarkNoOperator',
    severity: 'critical',
    expr: 'absent(tidemark_operator_leading == 1)',
    for: '5m',
    summary: 'No operator of Tidemark leads',
    description:
      'Aggregators go on, but changes wait, nothing scales, and a dead pod is noticed by the session time-out alone. Look at the Deployment tidemark-operator, its log, and whether Prometheus reads its pods.',
  },
  {
    name: 'TidemarkBehind',
    severity: 'warning',
    expr: [behind('lag', 'records'), behind('rekey_lag', 'rekeyed_records')].join(' or '),
    for: '10m',
    summary: `${PIPELINE} is more than a minute of work behind`,
    description: `${STATUS} shows lag and rate. With spec.scaling the condition ScalingActive says what keeps the number of aggregators, such as scaling.maxReplicas; without, raise spec.replicas.`,
  },
  {
    name: 'TidemarkResultsLate',
    severity: 'warning',
    expr: 'histogram_quantile(0.99, sum by (namespace, pipeline, le) (rate(tidemark_result_latency_seconds_bucket[5m]))) > 5',
    for: '10m',
    summary: `${PIPELINE} writes averages {{ $value | humanizeDuration }} after their windows`,
    description:
      'One in a hundred takes that long. Look at tidemark_transaction_seconds (Kafka is slow), at process_cpu_seconds_total (aggregators have too little) and at the lag.',
  },
  {
    name: 'TidemarkDeadLetters',
    severity: 'warning',
    expr: `${SUM_BY_REASON} (increase(tidemark_dead_lettered_records_total[10m])) > 0`,
    for: '0s',
    summary: `${PIPELINE} has records that are no trade: {{ $labels.reason }}`,
    description:
      'They are in the topic of spec.deadLetters with their offset and the reason; docs/formats.md says what each reason means. `tidemark tail` shows them.',
  },
  {
    name: 'TidemarkLateTrades',
    severity: 'warning',
    expr: `${SUM} (rate(tidemark_late_trades_total[10m])) > 0.01 * ${SUM} (rate(tidemark_records_total[10m]))`,
    for: '10m',
    summary: `${PIPELINE} leaves out more than one trade in a hundred, for they come late`,
    description:
      'Their windows had closed. They are in the topic of spec.late. Raise spec.watermark.delay if they are to count, and see which producer is behind.',
  },
  {
    name: 'TidemarkCheckpointsFail',
    severity: 'warning',
    expr: `${SUM_BY_REASON} (increase(tidemark_checkpoint_failures_total[5m])) > 0`,
    for: '5m',
    summary: `${PIPELINE} cannot keep its state in Redis: {{ $labels.reason }}`,
    description:
      'Averages go on and stay exact. A take-over reads more of the topic again, so that it takes longer: see to Redis.',
  },
  {
    name: 'TidemarkTransactionsFail',
    severity: 'warning',
    expr: `${SUM} (increase(tidemark_transactions_total{outcome="aborted"}[5m])) > 3`,
    for: '5m',
    summary: `${PIPELINE} cannot commit to Kafka`,
    description:
      "Each partition takes over anew and tries again. The aggregators' logs have the broker's words; look at the brokers, and at the in-sync replicas of the output.",
  },
  {
    name: 'TidemarkDegraded',
    severity: 'warning',
    expr: `${MAX_BY_REASON} (tidemark_pipeline_condition{condition="Degraded", status="True", reason!="SymbolInSeveralPartitions"}) == 1`,
    for: '5m',
    summary: `${PIPELINE} is degraded: {{ $labels.reason }}`,
    description: `${DESCRIBE} says what to do.`,
  },
  {
    name: 'TidemarkScalingBlind',
    severity: 'warning',
    expr: `${MAX_BY_REASON} (tidemark_pipeline_condition{condition="ScalingActive", status!="True", reason!="NotConfigured"}) == 1`,
    for: '10m',
    summary: `${PIPELINE} does not follow its load: {{ $labels.reason }}`,
    description: `As many aggregators as there are go on. ${DESCRIBE} says what to do.`,
  },
  {
    name: 'TidemarkOperatorFails',
    severity: 'warning',
    expr: 'sum by (concern) (increase(tidemark_operator_failures_total[10m])) > 5',
    for: '10m',
    summary: 'The operator of Tidemark fails again and again at: {{ $labels.concern }}',
    description: "It tries again at growing intervals. Its leader's log says why.",
  },
];

/** By partition: records wait, and the watermark does not move; or there is none, for nothing could be read yet. */
function stalled(stage: '' | 'rekey_'): string {
  const by = 'max by (namespace, pipeline, partition)';
  return `(${by} (tidemark_${stage}lag_records) > 0 unless ${by} (deriv(tidemark_${stage}watermark_delay_seconds[3m])) < 0.9)`;
}

/** What waits is more than what is processed in a minute. */
function behind(lag: string, records: string): string {
  return `${SUM} (tidemark_${lag}_records) > 60 * ${SUM} (rate(tidemark_${records}_total[5m]))`;
}
