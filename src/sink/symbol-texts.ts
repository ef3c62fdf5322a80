import type { SymbolNames } from '../pipeline/sink.ts';

/**
 * The symbols' names as an output writes them, quoted and encoded once: a symbol is written once per window, and a
 * million of them fit in one buffer where a million strings would not.
 */
export class SymbolTexts {
  readonly #quoted: (name: string) => string;
  #names: SymbolNames | undefined;
  #bytes = new Uint8Array(4096);
  #used = 0;
  /** By id: where the text begins, plus one; 0 where it is not there yet. */
  #begins = new Int32Array(256);
  #lengths = new Int32Array(256);

  constructor(quoted: (name: string) => string) {
    this.#quoted = quoted;
  }

  /** Ids are the ids of `names` from here on. */
  use(names: SymbolNames): void {
    if (names === this.#names) return;
    this.#names = names;
    this.#begins.fill(0);
    this.#used = 0;
  }

  /** Bytes of the text of `symbolId`, which is there for `copy` from here on. */
  lengthOf(symbolId: number): number {
    if (symbolId >= this.#begins.length || this.#begins[symbolId] === 0) this.#add(symbolId);
    return this.#lengths[symbolId];
  }

  /** Copies the text of `symbolId` to `out` and returns where it ends. */
  copy(symbolId: number, out: Uint8Array, at: number): number {
    const begin = this.#begins[symbolId] - 1;
    const length = this.#lengths[symbolId];
    for (let i = 0; i < length; i++) out[at + i] = this.#bytes[begin + i];
    return at + length;
  }

  #add(symbolId: number): void {
    const text = Buffer.from(this.#quoted(this.#names?.name(symbolId) ?? ''));
    if (symbolId >= this.#begins.length) {
      this.#begins = grown(this.#begins, symbolId + 1);
      this.#lengths = grown(this.#lengths, symbolId + 1);
    }
    if (this.#used + text.length > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#used + text.length));
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    this.#bytes.set(text, this.#used);
    this.#begins[symbolId] = this.#used + 1;
    this.#lengths[symbolId] = text.length;
    this.#used += text.length;
  }
}

function grown(column: Int32Array<ArrayBuffer>, least: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(least, column.length * 2));
  larger.set(column);
  return larger;
}
