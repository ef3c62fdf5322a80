import type { FetchRequest } from './kafkajs-internals.ts';

/** A broker's answer. */
export interface FetchAnswer {
  readonly response: unknown;
  /** What to ask for next; undefined where nothing is left to read for now. */
  readonly next: FetchRequest | undefined;
  /** Nobody looks at the records any more. */
  readonly done: () => void;
}

/**
 * While a partition lags, asks a broker for the next piece as soon as one is handed on, so that the broker works while
 * the trades of this one are folded. kafkajs asks when all is processed; if it then asks for something else, because a
 * partition was paused, sought or lost, what was asked for ahead is dropped. At most one answer waits for each broker.
 * That it asks again also says that all of the answer before is processed (src/consumer/fetcher.js).
 */
export class FetchAhead {
  readonly #send: (request: FetchRequest) => Promise<FetchAnswer>;
  #ahead: { readonly asked: string; readonly answer: Promise<FetchAnswer> } | undefined;
  #handedOn: FetchAnswer | undefined;

  constructor(send: (request: FetchRequest) => Promise<FetchAnswer>) {
    this.#send = send;
  }

  async fetch(request: FetchRequest): Promise<unknown> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    this.#handedOn?.done();
    this.#handedOn = undefined;
    const isWanted = ahead?.asked === positionsOf(request);
    if (!isWanted) ahead?.answer.then(nobodyLooks, toldToWhoeverAsks);
    const answer = await (isWanted ? ahead.answer : this.#send(request));
    this.#handedOn = answer;
    if (answer.next !== undefined) this.#askFor(answer.next);
    return answer.response;
  }

  #askFor(next: FetchRequest): void {
    const answer = this.#send(next);
    answer.catch(toldToWhoeverAsks);
    this.#ahead = { asked: positionsOf(next), answer };
  }
}

/** Where the partitions of one answer go on. */
export class AnsweredOffsets {
  readonly #nextOffsets = new Map<string, number>();
  #lags = false;

  add({ topic, partition, fromOffset, nextOffset, lastStableOffset }: Answered): void {
    this.#nextOffsets.set(`${topic} ${partition}`, nextOffset);
    if (nextOffset > fromOffset && nextOffset < lastStableOffset) this.#lags = true;
  }

  /** The request to go on with, if more is there already and every partition has answered. */
  next(request: FetchRequest): FetchRequest | undefined {
    const asked = request.topics.reduce((sum, { partitions }) => sum + partitions.length, 0);
    if (!this.#lags || this.#nextOffsets.size < asked) return undefined;
    const topics = request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((place) => ({
        ...place,
        fetchOffset: String(this.#nextOffsets.get(`${topic} ${place.partition}`)),
      })),
    }));
    return { ...request, topics };
  }
}

interface Answered {
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: number;
  readonly nextOffset: number;
  readonly lastStableOffset: number;
}

function positionsOf({ topics }: FetchRequest): string {
  return topics
    .flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, fetchOffset }) => `${topic} ${partition} ${fetchOffset}`),
    )
    .sort()
    .join();
}

function nobodyLooks({ done }: FetchAnswer): void {
  done();
}

function toldToWhoeverAsks(): void {
  // The failure comes again where the answer is awaited; if nobody asks for it, nothing depends on it.
}
