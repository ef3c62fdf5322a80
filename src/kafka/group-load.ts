import { AssignerProtocol, type Admin } from 'kafkajs';
import { throughBoth } from '../scaling/both-stages.ts';
import type { GroupReading, LoadReading } from '../scaling/load-reading.ts';
import { committedOffsets } from './committed-offsets.ts';

/** What the brokers say now about a topic and the group that reads it; `nowMs` is a clock that only moves forward. */
export async function groupLoad(
  admin: Admin,
  groupId: string,
  topic: string,
  nowMs: () => number,
): Promise<LoadReading> {
  // Positions before ends: the other way round a record that is folded meanwhile would count as negative lag.
  const committed = await committedOffsets(admin, groupId, topic);
  const group = await groupOf(admin, groupId, topic);
  const askedMs = nowMs();
  const bounds = await admin.fetchTopicOffsets(topic);
  return {
    atMs: (askedMs + nowMs()) / 2,
    group,
    partitions: bounds.map(({ partition, low, high }) => ({
      partition,
      endOffset: Number(high),
      position: Math.max(Number(low), committed.get(partition)?.offset ?? 0),
    })),
  };
}

/** The same of a pipeline whose input is re-keyed, for both of its stages. */
export async function loadOfStages(
  admin: Admin,
  rekey: { readonly groupId: string; readonly topic: string },
  windows: { readonly groupId: string; readonly topic: string },
  nowMs: () => number,
): Promise<LoadReading> {
  const [before, after] = await Promise.all(
    [rekey, windows].map(({ groupId, topic }) => groupLoad(admin, groupId, topic, nowMs)),
  );
  return throughBoth(before, after);
}

async function groupOf(admin: Admin, groupId: string, topic: string): Promise<GroupReading> {
  const { groups } = await admin.describeGroups([groupId]);
  const [{ state, members }] = groups;
  return {
    state: STATES[state] ?? 'rebalancing',
    members: members.map(({ memberId, memberAssignment }) => ({
      memberId,
      partitions: partitionsOf(memberAssignment, topic),
    })),
  };
}

/** None before the leader of the group has shared them out. */
function partitionsOf(memberAssignment: Buffer, topic: string): readonly number[] {
  if (memberAssignment.length === 0) return [];
  return AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? [];
}

/** As the protocol names them; all others are steps of a rebalance. */
const STATES: Readonly<Partial<Record<string, GroupReading['state']>>> = {
  Stable: 'settled',
  Empty: 'empty',
  Dead: 'empty',
};
