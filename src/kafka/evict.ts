import type { Kafka } from 'kafkajs';
import { TidemarkError } from '../pipeline/error.ts';
import { clusterFactory, type Broker } from './kafkajs-internals.ts';

/**
 * Removes the members of a consumer group that have this client id, at once: after a pod has died its partitions
 * move within a heartbeat instead of a session timeout (6 s). Returns the ids of the members that were there.
 *
 * Only for instances that are known to be dead: a living one would join again, and its partitions move twice.
 * Throws a TidemarkError, KAFKA_EVICT_FAILED; trying again is safe.
 */
export async function evictMember(kafka: Kafka, groupId: string, clientId: string): Promise<string[]> {
  const cluster = clusterFactory(kafka).create.call(kafka, { allowAutoTopicCreation: false });
  try {
    await cluster.connect();
    const coordinator = await cluster.findGroupCoordinator({ groupId });
    const { groups } = await coordinator.describeGroups({ groupIds: [groupId] });
    const dead = groups.flatMap(({ members }) => members.filter((member) => member.clientId === clientId));
    for (const { memberId } of dead) await removeMember(coordinator, groupId, memberId);
    return dead.map(({ memberId }) => memberId);
  } catch (error) {
    throw new TidemarkError(
      'KAFKA_EVICT_FAILED',
      `The members of ${clientId} could not be removed from the consumer group ${groupId}.`,
      'Try again; without it the group notices the loss after its session timeout.',
      { cause: error },
    );
  } finally {
    await cluster.disconnect();
  }
}

/** A member that is gone already is no mistake. */
export async function removeMember(
  coordinator: Pick<Broker, 'leaveGroup'>,
  groupId: string,
  memberId: string,
): Promise<void> {
  try {
    await coordinator.leaveGroup({ groupId, memberId });
  } catch (error) {
    const goneAlready = error instanceof Error && 'type' in error && error.type === 'UNKNOWN_MEMBER_ID';
    if (!goneAlready) throw error;
  }
}
