import { protocolType } from './producer-error.ts';
import type { Broker, Cluster, ProtocolRequest } from './kafkajs-internals.ts';

/**
 * Remembers which broker coordinates a group or a transactional id. kafkajs asks anew before each request of a
 * transaction: four questions that cost a round trip each, in a transaction of five requests.
 *
 * A coordinator that moves answers with an error, and then, as after any other failure, it is asked for again.
 */
export function rememberCoordinators(cluster: Cluster): void {
  const find = cluster.findGroupCoordinator.bind(cluster);
  const known = new Map<string, Broker>();
  cluster.findGroupCoordinator = async (group) => {
    const name = `${group.coordinatorType ?? GROUP} ${group.groupId}`;
    const remembered = known.get(name);
    if (remembered?.isConnected() === true) return remembered;
    const coordinator = forgettable(await find(group), () => known.delete(name));
    known.set(name, coordinator);
    return coordinator;
  };
}

const GROUP = 0;

/** The same broker, which tells when a request has failed. */
function forgettable(broker: Broker, onFailure: () => void): Broker {
  const forgetUnlessBusy = (error: unknown): void => {
    if (protocolType(error) !== 'CONCURRENT_TRANSACTIONS') onFailure();
  };
  const watched = <T>(result: Promise<T>): Promise<T> => {
    result.catch(forgetUnlessBusy);
    return result;
  };
  return new Proxy(broker, {
    get(target, name) {
      if (name === 'connectionPool')
        return { send: (request: ProtocolRequest) => watched(target.connectionPool.send(request)) };
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const result: unknown = value.apply(target, args);
        return result instanceof Promise ? watched(result) : result;
      };
    },
  });
}
