import { HASH_PRIME, HASH_SEED } from './byte-cursor.ts';

/** Symbols are short: exchange tickers have up to 12 letters, ISINs 12, option symbols 21. */
export const MAX_SYMBOL_BYTES = 64;

export const SYMBOL_TOO_LONG = -1;
export const SYMBOL_NOT_TEXT = -2;
export const SYMBOL_EMPTY = -3;

/**
 * Gives symbols small integer ids, in the order in which they first appear. Hot path: found by a hash over the
 * bytes, so that a string is made once per symbol and not once per trade.
 */
export class SymbolTable {
  readonly #names: string[] = [];
  /** The bytes of all symbols, one after the other. */
  #arena = new Uint8Array(4096);
  #arenaUsed = 0;
  /** By id: where its bytes begin in the arena; one more entry than ids. */
  #begin = new Int32Array(256);
  #hashes = new Int32Array(256);
  /** Open addressing; 0 is empty, else id + 1. */
  #table = new Int32Array(512);
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  get size(): number {
    return this.#names.length;
  }

  name(symbolId: number): string {
    return this.#names[symbolId];
  }

  /** The id of the symbol in `bytes[start, end)`, made if need be; or one of the negative codes above. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    let hash = HASH_SEED;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], HASH_PRIME);
    return this.internHashed(bytes, start, end, hash);
  }

  /** The same for a reader that has computed the hash (FNV-1a over the bytes) on the way. */
  internHashed(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.#table.length - 1;
    for (let at = (hash ^ (hash >>> 15)) & mask; ; at = (at + 1) & mask) {
      const id = this.#table[at] - 1;
      if (id === -1) return this.#add(bytes, start, end, hash);
      if (this.#hashes[id] === hash && this.#equals(id, bytes, start, end)) return id;
    }
  }

  #equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    let at = this.#begin[id];
    if (this.#begin[id + 1] - at !== end - start) return false;
    for (let i = start; i < end; i++) if (this.#arena[at++] !== bytes[i]) return false;
    return true;
  }

  #add(bytes: Uint8Array, start: number, end: number, hash: number): number {
    if (end === start) return SYMBOL_EMPTY;
    if (end - start > MAX_SYMBOL_BYTES) return SYMBOL_TOO_LONG;
    const name = this.#textOf(bytes, start, end);
    if (name === undefined) return SYMBOL_NOT_TEXT;
    this.#reserve(end - start);
    const id = this.#names.length;
    this.#names.push(name);
    for (let i = start; i < end; i++) this.#arena[this.#arenaUsed++] = bytes[i];
    this.#begin[id + 1] = this.#arenaUsed;
    this.#hashes[id] = hash;
    this.#insert(id);
    return id;
  }

  #textOf(bytes: Uint8Array, start: number, end: number): string | undefined {
    try {
      const text = this.#decoder.decode(bytes.subarray(start, end));
      return NOT_PRINTABLE.test(text) ? undefined : text;
    } catch {
      return undefined; // `fatal` throws a TypeError for bytes that are no UTF-8, and for nothing else
    }
  }

  #reserve(length: number): void {
    if (this.#arenaUsed + length > this.#arena.length) {
      const larger = new Uint8Array(this.#arena.length * 2);
      larger.set(this.#arena);
      this.#arena = larger;
    }
    if (this.#names.length + 2 > this.#begin.length) {
      this.#begin = doubled(this.#begin);
      this.#hashes = doubled(this.#hashes);
    }
    if ((this.#names.length + 1) * 2 > this.#table.length) {
      this.#table = new Int32Array(this.#table.length * 2);
      for (let id = 0; id < this.#names.length; id++) this.#insert(id);
    }
  }

  #insert(id: number): void {
    const hash = this.#hashes[id];
    const mask = this.#table.length - 1;
    let at = (hash ^ (hash >>> 15)) & mask;
    while (this.#table[at] !== 0) at = (at + 1) & mask;
    this.#table[at] = id + 1;
  }
}

/** Byte order marks too, which come into the middle of files that are put together: they look like no difference. */
const NOT_PRINTABLE = /[\p{Cc}\u{FEFF}]/u;

function doubled(column: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(column.length * 2);
  larger.set(column);
  return larger;
}
