import type { Kafka } from 'kafkajs';
import { clusterFactory, type Broker, type Cluster } from './kafkajs-internals.ts';
import { removeMember } from './evict.ts';

/**
 * Lets a consumer leave its group at once. kafkajs leaves when its fetches have come back, which takes up to the 200 ms
 * that they wait for records, and for so long nobody else gets the partitions. Here the group is told on a connection
 * of its own. The consumer, which still runs, then says nothing more to the group: to a heartbeat it would hear that
 * it is no member, and would join again.
 */
export class EarlyLeave {
  #isLeaving = false;
  #hasLeft = false;

  /** `cluster` is the consumer's own, as kafkajs passes it to its partition assigners. */
  follow(cluster: Cluster): void {
    const findBroker = cluster.findBroker.bind(cluster);
    const followed = new WeakSet<Broker>();
    cluster.findBroker = async (node) => {
      const broker = await findBroker(node);
      if (!followed.has(broker)) {
        followed.add(broker);
        this.#quieten(broker);
      }
      return broker;
    };
  }

  /** Throws what the brokers say; then the consumer's own `disconnect` leaves. */
  async leave(kafka: Kafka, groupId: string, memberId: string): Promise<void> {
    this.#isLeaving = true;
    const cluster = clusterFactory(kafka).create.call(kafka, { allowAutoTopicCreation: false });
    try {
      await cluster.connect();
      await removeMember(await cluster.findGroupCoordinator({ groupId }), groupId, memberId);
      this.#hasLeft = true;
    } finally {
      await cluster.disconnect();
    }
  }

  #quieten(broker: Broker): void {
    const heartbeat = broker.heartbeat.bind(broker);
    broker.heartbeat = (request) => (this.#isLeaving ? Promise.resolve() : heartbeat(request));
    const joinGroup = broker.joinGroup.bind(broker);
    broker.joinGroup = (request) => (this.#isLeaving ? new Promise(() => undefined) : joinGroup(request));
    const leaveGroup = broker.leaveGroup.bind(broker);
    broker.leaveGroup = (request) => (this.#hasLeft ? Promise.resolve() : leaveGroup(request));
  }
}
