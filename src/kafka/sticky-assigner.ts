import { AssignerProtocol } from 'kafkajs';
import type { Assigner, Assignment } from 'kafkajs';
import type { Broker, Cluster } from './kafkajs-internals.ts';
import { stickyAssignment } from './sticky-assignment.ts';
import type { JoiningMember, TopicPartition } from './sticky-assignment.ts';

/**
 * The partition assigner of one consumer. A partition stays where it is through a rebalance as long as the balance
 * allows, and with it its state in memory; kafkajs has no such assigner. Each member says in the user data of its
 * subscription what it owns and since which generation (as in KIP-341); to know that, the assigner listens to the
 * answers to its consumer's SyncGroup requests on `cluster`, which is the consumer's own.
 */
export function stickyAssigner(cluster: Cluster): Assigner {
  let generation = NO_GENERATION;
  let owned: Assignment = {};
  onAssignment(cluster, (assignedIn, assignment) => {
    generation = assignedIn;
    owned = assignment;
  });

  return {
    name: 'tidemark-sticky',
    version: VERSION,
    protocol({ topics }) {
      const userData = Buffer.from(JSON.stringify({ generation, owned } satisfies UserData));
      return {
        name: this.name,
        metadata: AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics, userData }),
      };
    },
    assign({ members, topics }) {
      const partitions = topics.flatMap((topic) =>
        cluster
          .findTopicPartitionMetadata(topic)
          .map(({ partitionId }) => ({ topic, partition: partitionId })),
      );
      const assignment = stickyAssignment(members.map(joiningMember), partitions);
      return Promise.resolve(
        [...assignment].map(([memberId, assigned]) => ({ memberId, memberAssignment: encode(assigned) })),
      );
    },
  };
}

const VERSION = 0;
const NO_GENERATION = -1;

interface UserData {
  readonly generation: number;
  readonly owned: Assignment;
}

function onAssignment(cluster: Cluster, take: (generation: number, assignment: Assignment) => void): void {
  const findBroker = cluster.findBroker.bind(cluster);
  const listenedTo = new WeakSet<Broker>();
  cluster.findBroker = async (node) => {
    const broker = await findBroker(node);
    if (!listenedTo.has(broker)) {
      listenedTo.add(broker);
      const syncGroup = broker.syncGroup.bind(broker);
      broker.syncGroup = async (request) => {
        const response = await syncGroup(request);
        take(request.generationId, decode(response.memberAssignment));
        return response;
      };
    }
    return broker;
  };
}

function joiningMember(member: { memberId: string; memberMetadata: Buffer }): JoiningMember {
  const metadata = AssignerProtocol.MemberMetadata.decode(member.memberMetadata);
  const { generation, owned } = userData(metadata?.userData);
  return { memberId: member.memberId, topics: metadata?.topics ?? [], generation, owned: flat(owned) };
}

/** What a member of another version may say instead is not worth refusing it: it then owns nothing. */
function userData(bytes: Buffer | undefined): UserData {
  try {
    const said = JSON.parse(bytes?.toString() ?? '') as Partial<UserData>;
    return { generation: said.generation ?? NO_GENERATION, owned: said.owned ?? {} };
  } catch {
    return { generation: NO_GENERATION, owned: {} };
  }
}

function flat(assignment: Assignment): TopicPartition[] {
  return Object.entries(assignment).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}

function encode(assigned: readonly TopicPartition[]): Buffer {
  const assignment: Assignment = {};
  for (const { topic, partition } of assigned) (assignment[topic] ??= []).push(partition);
  return AssignerProtocol.MemberAssignment.encode({
    version: VERSION,
    assignment,
    userData: Buffer.alloc(0),
  });
}

function decode(memberAssignment: Buffer): Assignment {
  return AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {};
}
