import { withTimes, type Condition, type Finding, type Findings } from './condition.ts';
import { formatDuration } from '../resource/duration.ts';
import type { KubeObject } from './kube-object.ts';
import type { Progress, SplitSymbolsSeen } from './ports.ts';
import type { ScalingStatus } from './scaling-status.ts';
import type { WorkloadState } from './workload.ts';

/** What all concerns have found of a pipeline. */
export interface Observed {
  readonly topics: Finding;
  readonly workload: WorkloadState;
  readonly scaling: Finding;
  /** Undefined: it was not measured, or is not wanted. */
  readonly load: ScalingStatus | undefined;
  /** What the API server will not have, as what it is to Degraded. */
  readonly refused?: Finding | undefined;
  /** Undefined: it could not be read. */
  readonly progress: Progress | undefined;
}

export interface PipelineStatus {
  readonly observedGeneration: number;
  readonly conditions: readonly Condition[];
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly selector?: string;
  readonly lag?: number;
  readonly watermarkDelay?: string;
  readonly scaling?: ScalingStatus;
}

/** The status of a resource that says what to do. */
export function statusOf(resource: KubeObject, observed: Observed, nowMs: number): PipelineStatus {
  const { topics, workload, scaling, load, progress, refused } = observed;
  const findings = {
    Ready: readyOf(topics, workload),
    TopicsReady: topics,
    Progressing: workload.progressing,
    ScalingActive: scaling,
    Degraded: refused ?? degradedOf(topics, workload, progress),
  };
  return {
    ...statusBase(resource, findings, nowMs),
    replicas: workload.replicas,
    readyReplicas: workload.readyReplicas,
    ...(workload.selector === '' ? {} : { selector: workload.selector }),
    ...progressStatus(progress, nowMs),
    ...(load === undefined ? {} : { scaling: load }),
  };
}

/** What a status tells of the progress. */
export function progressStatus(
  progress: Progress | undefined,
  nowMs: number,
): Pick<PipelineStatus, 'lag' | 'watermarkDelay'> {
  if (progress === undefined) return {};
  const { lagRecords: lag, watermarkMs } = progress;
  return { lag, ...(watermarkMs === undefined ? {} : { watermarkDelay: rounded(nowMs - watermarkMs) }) };
}

/** The status of a resource with mistakes, all of them named. What runs goes on as it was. */
export function statusOfInvalid(
  resource: KubeObject,
  mistakes: readonly string[],
  workload: WorkloadState,
  nowMs: number,
): PipelineStatus {
  const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`;
  const goesOn = workload.replicas > 0 ? ' What ran before goes on as it was.' : '';
  const message = `the spec has ${count}: ${mistakes.join('; ')}.${goesOn}`;
  const invalid = (status: Finding['status']): Finding => ({ status, reason: 'InvalidSpec', message });
  const findings = {
    Ready: invalid('False'),
    TopicsReady: { ...invalid('Unknown'), message: 'not looked at while the spec has mistakes' },
    Progressing: { ...invalid('False'), message: 'waits until the spec is corrected' },
    ScalingActive: { ...invalid('Unknown'), message: 'not looked at while the spec has mistakes' },
    Degraded: invalid('True'),
  };
  const { replicas, readyReplicas, selector } = workload;
  return {
    ...statusBase(resource, findings, nowMs),
    replicas,
    readyReplicas,
    ...(selector === '' ? {} : { selector }),
  };
}

function statusBase(resource: KubeObject, findings: Findings, nowMs: number) {
  const before = (resource.status as { conditions?: readonly Condition[] } | undefined)?.conditions ?? [];
  const observedGeneration = resource.metadata.generation ?? 0;
  return { observedGeneration, conditions: withTimes(findings, before, observedGeneration, nowMs) };
}

/** Pods that compute are what counts; a topic that may not grow is no reason to call the pipeline down. */
function readyOf(topics: Finding, workload: WorkloadState): Finding {
  if (
    workload.ready.status === 'True' ||
    topics.status === 'True' ||
    topics.reason === 'PartitionGrowthMovesKeys'
  ) {
    return workload.ready;
  }
  return { ...topics, status: 'False' };
}

function degradedOf(
  topics: Finding,
  { progressing, ready }: WorkloadState,
  progress: Progress | undefined,
): Finding {
  if (topics.status !== 'True' && !PASSING.has(topics.reason)) return { ...topics, status: 'True' };
  if (progressing.reason === 'RolloutStuck') return { ...progressing, status: 'True' };
  if (ready.status === 'False' && progressing.status === 'False' && ready.reason !== 'ScaledToZero') {
    return { ...ready, status: 'True' };
  }
  if (progress?.split !== undefined) return splitSymbols(progress.split);
  return { status: 'False', reason: 'AsExpected', message: 'nothing is to be done' };
}

function splitSymbols({ count, symbol, partitions: [one, other] }: SplitSymbolsSeen): Finding {
  const others = count === 1 ? '' : `, and at least ${count - 1} more ${count === 2 ? 'does' : 'do'} so`;
  return {
    status: 'True',
    reason: 'SymbolInSeveralPartitions',
    message:
      `${symbol} trades in the partitions ${one} and ${other} of the input${others}: each partition computes windows of its ` +
      'own, and none of them is right. Let the producers key their records by symbol, or set spec.input.rekey: true.',
  };
}

/** Reasons why topics are not ready that end by themselves. */
const PASSING = new Set(['Creating', 'WaitingForStrimzi', 'LookingForTopics']);

/** To a precision that does not change the status all the time. */
function rounded(ms: number): string {
  const stepMs = ms < 10_000 ? 1_000 : ms < 600_000 ? 10_000 : 60_000;
  return formatDuration(Math.max(stepMs, Math.round(ms / stepMs) * stepMs));
}

/** Whether a status has to be written. Times of transitions follow from the rest. */
export function isSameStatus(status: PipelineStatus, written: unknown): boolean {
  return sorted(status) === sorted(written ?? {});
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
