/** What the brokers say at one moment about a topic and the group that reads it. */
export interface LoadReading {
  /** By a clock that only moves forward. */
  readonly atMs: number;
  readonly partitions: readonly PartitionReading[];
  readonly group: GroupReading;
}

export interface PartitionReading {
  readonly partition: number;
  /** The offset that the next record will get. */
  readonly endOffset: number;
  /** The offset that the group reads next: what it has committed, or where the log begins. */
  readonly position: number;
}

export interface GroupReading {
  /** `settled`: every member has its partitions. `empty`: nobody reads. */
  readonly state: 'settled' | 'rebalancing' | 'empty';
  readonly members: readonly GroupMember[];
}

export interface GroupMember {
  readonly memberId: string;
  /** Of the topic; none while the group is not settled. */
  readonly partitions: readonly number[];
}

/** Records that wait in a partition. */
export function lagOf({ endOffset, position }: PartitionReading): number {
  return Math.max(0, endOffset - position);
}

/** Records that wait in all partitions together. */
export function totalLag({ partitions }: LoadReading): number {
  return partitions.reduce((sum, partition) => sum + lagOf(partition), 0);
}

/** Who owns what, as a text that changes whenever it does. */
export function assignmentOf({ group }: LoadReading): string {
  return group.members
    .map(({ memberId, partitions }) => `${memberId} ${partitions.join()}`)
    .sort()
    .join('\n');
}
