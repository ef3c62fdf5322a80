/** A member of a consumer group as it asks to join. */
export interface JoiningMember {
  readonly memberId: string;
  readonly topics: readonly string[];
  /** The generation in which it was assigned what it owns; -1 before its first. */
  readonly generation: number;
  readonly owned: readonly TopicPartition[];
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Divides partitions among members: balanced within one, and no partition moves that could stay. A partition stays
 * with the member that owned it in the latest generation, so a member that comes back after it was thrown out gets
 * nothing back that somebody else has taken over. The result depends on the arguments' values only.
 *
 * Members that subscribe to the same topics are balanced against each other; during a change of subscription each
 * topic goes to the members that know it, and the balance is per such set of members.
 */
export function stickyAssignment(
  members: readonly JoiningMember[],
  partitions: readonly TopicPartition[],
): Map<string, TopicPartition[]> {
  const assignment = new Map(members.map(({ memberId }) => [memberId, [] as TopicPartition[]]));
  const owners = latestOwners(members);
  for (const [eligible, shared] of bySubscribers(members, partitions)) {
    divide(eligible, shared, owners, assignment);
  }
  return assignment;
}

function keyOf({ topic, partition }: TopicPartition): string {
  return JSON.stringify([topic, partition]);
}

/** Who owned each partition last: of several claims the one of the highest generation, then of the lowest id. */
function latestOwners(members: readonly JoiningMember[]): Map<string, string> {
  const owners = new Map<string, string>();
  const claims = [...members].sort((a, b) => b.generation - a.generation || compare(a.memberId, b.memberId));
  for (const { memberId, owned } of claims) {
    for (const partition of owned) {
      if (!owners.has(keyOf(partition))) owners.set(keyOf(partition), memberId);
    }
  }
  return owners;
}

function bySubscribers(
  members: readonly JoiningMember[],
  partitions: readonly TopicPartition[],
): [string[], TopicPartition[]][] {
  const sets = new Map<string, [string[], TopicPartition[]]>();
  const inOrder = [...partitions].sort((a, b) => compare(a.topic, b.topic) || a.partition - b.partition);
  for (const partition of inOrder) {
    const eligible = members.filter(({ topics }) => topics.includes(partition.topic));
    const memberIds = eligible.map(({ memberId }) => memberId).sort(compare);
    if (memberIds.length === 0) continue;
    const name = JSON.stringify(memberIds);
    const set = sets.get(name) ?? [memberIds, []];
    set[1].push(partition);
    sets.set(name, set);
  }
  return [...sets.values()];
}

/** Each member may have `floor(partitions ÷ members)`, and one more for as many as it takes: those that own most. */
function divide(
  memberIds: readonly string[],
  partitions: readonly TopicPartition[],
  owners: ReadonlyMap<string, string>,
  assignment: ReadonlyMap<string, TopicPartition[]>,
): void {
  const kept = new Map(memberIds.map((memberId) => [memberId, [] as TopicPartition[]]));
  const free: TopicPartition[] = [];
  for (const partition of partitions) {
    const owner = owners.get(keyOf(partition)) ?? '';
    (kept.get(owner) ?? free).push(partition);
  }

  const share = Math.floor(partitions.length / memberIds.length);
  const larger = partitions.length % memberIds.length;
  const ranked = [...kept].sort(([a, ofA], [b, ofB]) => ofB.length - ofA.length || compare(a, b));
  const quotas = ranked.map(([memberId, owned], rank) => ({
    memberId,
    owned,
    quota: share + (rank < larger ? 1 : 0),
  }));

  for (const { owned, quota } of quotas) free.push(...owned.splice(quota));
  for (const { memberId, owned, quota } of quotas) {
    owned.push(...free.splice(0, quota - owned.length));
    assignment.get(memberId)?.push(...owned);
  }
}

/** By code units, whatever the machine's language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
