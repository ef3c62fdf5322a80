import type { PartitionStanding } from '../kafka/group-partitions.ts';
import type { Condition } from '../operator/condition.ts';
import type { KubeObject } from '../operator/kube-object.ts';
import type { PipelineStatus } from '../operator/status.ts';
import { plainTable } from './plain-table.ts';

export interface Shown {
  readonly resource: KubeObject;
  readonly pods: readonly PodShown[];
  readonly partitions: PartitionsShown;
}

export interface PodShown {
  readonly name: string;
  readonly ready: boolean;
  /** `Running`, or what keeps it from that: `ImagePullBackOff`, `CrashLoopBackOff`, `Terminating`. */
  readonly state: string;
  readonly restarts: number;
  readonly node: string | null;
  readonly startedAt: number | null;
}

export type PartitionsShown =
  | { readonly standings: readonly PartitionStanding[] }
  /** Why they cannot be shown. */
  | { readonly why: string };

/** What the operator says of scaling, where it does. */
interface ScalingStatus {
  readonly desiredReplicas?: number;
  readonly arrivalPerSecond?: number;
  readonly lag?: number;
  readonly ratePerPod?: number;
  readonly message?: string;
  readonly measuredAt?: string;
}

type Status = Partial<PipelineStatus> & { readonly scaling?: ScalingStatus };

/** For a person: conditions in words, figures, pods, partitions. */
export function statusText({ resource, pods, partitions }: Shown, nowMs: number): string {
  const { name, namespace = 'default' } = resource.metadata;
  const status = (resource.status ?? {}) as Status;
  return [
    `${name} in namespace ${namespace}\n`,
    conditionsText(resource, status, nowMs),
    plainTable(['', ''], figures(status, nowMs)).replace(/^\n/, ''),
    podsText(pods, partitions, nowMs),
    partitionsText(partitions, nowMs),
  ].join('\n');
}

function conditionsText({ metadata }: KubeObject, status: Status, nowMs: number): string {
  const { conditions = [], observedGeneration = 0 } = status;
  if (conditions.length === 0) {
    return 'The operator has not looked at it yet: does it run, and does it look at this namespace?\n';
  }
  const rows = conditions.map(({ type, status: is, reason, message, lastTransitionTime }) => [
    type,
    { True: 'yes', False: 'no', Unknown: 'unknown' }[is],
    sinceText(Date.parse(lastTransitionTime), nowMs),
    reason,
    oneLine(message),
  ]);
  const isBehind = observedGeneration < (metadata.generation ?? 0);
  const behind = isBehind
    ? 'The operator has not seen the newest spec yet; this is of the one before.\n\n'
    : '';
  return `${behind}${plainTable(['CONDITION', 'HOLDS', 'SINCE', 'REASON', 'MESSAGE'], rows)}`;
}

function figures(status: Status, nowMs: number): (readonly string[])[] {
  const { replicas, readyReplicas = 0, lag, watermarkDelay, scaling } = status;
  return [
    ...(replicas === undefined ? [] : [['aggregators', `${readyReplicas} of ${replicas} ready`]]),
    ...(lag === undefined ? [] : [['lag', `${count(lag)} records`]]),
    ...(watermarkDelay === undefined ? [] : [['watermark', `${watermarkDelay} behind the clock`]]),
    ...(scaling === undefined ? [] : [['scaling', scalingText(scaling, nowMs)]]),
  ];
}

function scalingText({ message, measuredAt, ...figures }: ScalingStatus, nowMs: number): string {
  const { desiredReplicas, arrivalPerSecond, lag, ratePerPod } = figures;
  const measured = [
    ...(arrivalPerSecond === undefined ? [] : [`${count(arrivalPerSecond)} trades/s arrive`]),
    ...(lag === undefined ? [] : [`${count(lag)} behind`]),
    ...(ratePerPod === undefined ? [] : [`${count(ratePerPod)} trades/s a pod`]),
  ].join(', ');
  const when = measuredAt === undefined ? '' : `, ${sinceText(Date.parse(measuredAt), nowMs)} ago`;
  return [
    ...(desiredReplicas === undefined ? [] : [`${desiredReplicas} wanted`]),
    ...(message === undefined ? [] : [oneLine(message)]),
    ...(measured === '' ? [] : [`${measured}${when}`]),
  ].join('; ');
}

function podsText(pods: readonly PodShown[], partitions: PartitionsShown, nowMs: number): string {
  if (pods.length === 0) return 'no pods\n';
  const rows = pods.map(({ name, ready, state, restarts, node, startedAt }) => [
    name,
    ready ? 'yes' : 'no',
    state,
    String(restarts),
    startedAt === null ? '' : sinceText(startedAt, nowMs),
    node ?? '',
    ...('standings' in partitions ? [ownedBy(name, partitions.standings)] : []),
  ]);
  const head = ['POD', 'READY', 'STATE', 'RESTARTS', 'AGE', 'NODE'];
  return plainTable('standings' in partitions ? [...head, 'PARTITIONS'] : head, rows);
}

function ownedBy(pod: string, standings: readonly PartitionStanding[]): string {
  const owned = standings.filter(({ owner }) => owner === pod).map(({ partition }) => partition);
  return owned.length === 0 ? 'none' : owned.join(',');
}

function partitionsText(partitions: PartitionsShown, nowMs: number): string {
  if ('why' in partitions) {
    return (
      `partitions are not shown: ${partitions.why.replace(/\.$/, '')}.\n` +
      '  From where brokers can be reached they are; or forward a port to them and give --brokers.\n'
    );
  }
  const rows = partitions.standings.map(({ partition, owner, offset, lag, watermark }) => [
    partition,
    owner ?? 'nobody',
    offset ?? 'none',
    count(lag),
    watermark === null ? 'none' : new Date(watermark).toISOString().slice(0, -1).replace('T', ' '),
    watermark === null ? '' : sinceText(watermark, nowMs),
  ]);
  return plainTable(['PARTITION', 'OWNER', 'OFFSET', 'LAG', 'WATERMARK, UTC', 'BEHIND'], rows);
}

/** What a pod's status says of it. */
export function podOf({ metadata, spec, status }: KubeObject): PodShown {
  const {
    conditions = [],
    containerStatuses = [],
    phase = 'Unknown',
    startTime,
  } = (status ?? {}) as PodStatus;
  const waiting = containerStatuses.flatMap(({ state }) => state?.waiting?.reason ?? []);
  const state = metadata.deletionTimestamp === undefined ? (waiting.at(0) ?? phase) : 'Terminating';
  return {
    name: metadata.name,
    ready: conditions.some((each) => each.type === 'Ready' && each.status === 'True'),
    state,
    restarts: containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    node: (spec as { nodeName?: string } | undefined)?.nodeName ?? null,
    startedAt: startTime === undefined ? null : Date.parse(startTime),
  };
}

interface PodStatus {
  readonly phase?: string;
  readonly startTime?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: Condition['status'] }[];
  readonly containerStatuses?: readonly {
    readonly restartCount: number;
    readonly state?: { readonly waiting?: { readonly reason?: string } };
  }[];
}

/** `90s`, `12m`, `3h`, `2d`: in the largest unit of which there are two. */
function sinceText(timeMs: number, nowMs: number): string {
  const ms = Math.max(0, nowMs - timeMs);
  const [unit, unitMs] = UNITS.find(([, each]) => ms >= 2 * each) ?? ['s', 1_000];
  return `${Math.floor(ms / unitMs)}${unit}`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const;

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}
