import { giveBack, ResponseMemory } from './response-memory.ts';

/**
 * Cuts what a connection brings into responses, each behind its length of four bytes (Kafka's protocol guide, "Protocol
 * Primitive Types"). Hot path: a large response is read into one piece of memory, as its length tells; joining pieces of
 * 64 KB took a tenth of the time of a catch-up, garbage collections included.
 */
export class ResponseFrames {
  readonly #onResponse: (response: Buffer) => void;
  readonly #memory = new ResponseMemory();
  /** Where a response begins, and small ones are whole. */
  readonly #start = Buffer.allocUnsafeSlow(START_BYTES);
  /** The response under way if it is large, at least as far as it has come. */
  #large: Buffer | undefined;
  /** Of the large response: how long it will be. */
  #length = 0;
  #filled = 0;

  /** `onResponse` gets each response with its length before it. The bytes are its own, to be given back if they may. */
  constructor(onResponse: (response: Buffer) => void) {
    this.#onResponse = onResponse;
  }

  /** Where the next bytes belong. */
  room(): Buffer {
    return (this.#large ?? this.#start).subarray(this.#filled);
  }

  /** So many bytes have come into `room`. Throws a RangeError for a length that is none. */
  take(count: number): void {
    this.#filled += count;
    if (this.#large === undefined) this.#takeStart();
    else this.#takeLarge(this.#large);
  }

  #takeStart(): void {
    const start = this.#start;
    const filled = this.#filled;
    let at = 0;
    while (at + LENGTH_BYTES <= filled) {
      const length = lengthAt(start, at);
      if (length > START_BYTES) {
        this.#beginLarge(length, start.subarray(at, filled));
        return;
      }
      if (at + length > filled) break;
      this.#onResponse(Buffer.from(start.subarray(at, at + length)));
      at += length;
    }
    start.copyWithin(0, at, filled);
    this.#filled = filled - at;
  }

  #beginLarge(length: number, begun: Buffer): void {
    this.#length = length;
    this.#large = this.#memory.lend(Math.min(length, TRUSTED_BYTES));
    begun.copy(this.#large);
    this.#filled = begun.length;
  }

  #takeLarge(large: Buffer): void {
    if (this.#filled === this.#length) {
      this.#large = undefined;
      this.#filled = 0;
      this.#onResponse(large);
    } else if (this.#filled === large.length) {
      this.#large = this.#memory.lend(Math.min(this.#length, 2 * large.length));
      large.copy(this.#large);
      giveBack(large);
    }
  }
}

function lengthAt(bytes: Buffer, at: number): number {
  const length = bytes.readInt32BE(at);
  if (length >= 0) return LENGTH_BYTES + length;
  throw new RangeError(`A response of ${length} bytes is announced: no Kafka answers there.`);
}

const LENGTH_BYTES = 4;
const START_BYTES = 16 * 1024;
/** A length that is larger may be no length, but text or a TLS record: memory for it grows with what comes. */
const TRUSTED_BYTES = 64 * 1024 * 1024;
