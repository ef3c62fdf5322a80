import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { Fleet, type FleetOptions } from './fleet.ts';
import { startKafka, type KafkaCluster } from './kafka-broker.ts';
import { startRedis, type RedisServer } from './redis-server.ts';
import { ResultWatch } from './result-watch.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A Kafka and a Redis for the fleets of a test file; what a test has started ends with it. Made outside of tests. */
export class Fleets {
  readonly folder = temporaryFolder();
  readonly #fleets: Fleet[] = [];
  /** By topic: two of a topic would share its partitions. */
  readonly #watches = new Map<string, ResultWatch>();
  #servers: readonly [KafkaCluster, RedisServer] | undefined;

  constructor() {
    beforeAll(async () => {
      this.#servers = await Promise.all([startKafka(), startRedis()]);
    });
    afterEach(async () => {
      const watches = [...this.#watches.values()];
      this.#watches.clear();
      const fleets = this.#fleets.splice(0).map((fleet) => fleet.kill());
      await Promise.all([...fleets, ...watches.map((watch) => watch.close())]);
    });
    afterAll(async () => {
      await Promise.all(this.#servers?.map((each) => each.stop()) ?? []);
    });
  }

  get brokers(): string[] {
    return this.#started[0].brokers;
  }

  get redisUrl(): string {
    return this.#started[1].url;
  }

  async create(options: Omit<FleetOptions, 'brokers' | 'redisUrl' | 'folder'>): Promise<Fleet> {
    const { brokers, redisUrl, folder } = this;
    const fleet = await Fleet.create({ ...options, brokers, redisUrl, folder });
    this.#fleets.push(fleet);
    return fleet;
  }

  async watch(topic: string): Promise<ResultWatch> {
    const watch = this.#watches.get(topic) ?? (await ResultWatch.open(this.brokers, topic));
    this.#watches.set(topic, watch);
    return watch;
  }

  get #started(): readonly [KafkaCluster, RedisServer] {
    if (this.#servers === undefined) throw new Error('Servers run within tests alone.');
    return this.#servers;
  }
}
