/**
 * The running minimum of a sliding window for every symbol: by symbol a queue of (position, value) in which both
 * rise, so that its front is the minimum of all positions still inside ("monotonic wedge", Lemire 2006).
 * Each value enters and leaves once, so a step costs O(1) amortized, whatever the size of the window; and unlike two
 * stacks there is no moment at which all symbols turn over at once, and a value can still be added in the middle,
 * as trades that are late for closed windows but not for open ones require.
 *
 * For the maximum feed negated values. Nodes of all queues share typed arrays, 32 bytes each.
 */
export class MonotoneDeques {
  #front = new Int32Array(64);
  #back = new Int32Array(64);
  /** Pane number or sequence number. */
  #position = new Float64Array(INITIAL_NODES);
  #value = new Float64Array(INITIAL_NODES);
  /** Towards the back; also links the free nodes. Node 0 is never used and ends every list. */
  #newer = new Int32Array(INITIAL_NODES);
  #older = new Int32Array(INITIAL_NODES);
  #used = 1;
  #free = 0;

  get bytes(): number {
    return this.#value.length * 24 + this.#front.byteLength * 2;
  }

  ensureSymbols(count: number): void {
    if (count <= this.#front.length) return;
    const length = Math.max(count, this.#front.length * 2);
    this.#front = resizedInt(this.#front, length);
    this.#back = resizedInt(this.#back, length);
  }

  /** Takes a value at `position`, anywhere in the window. Usually the newest, which costs O(1). */
  add(symbolId: number, position: number, value: number): void {
    let newer = 0;
    let older = this.#back[symbolId];
    while (older !== 0 && this.#position[older] > position) {
      newer = older;
      older = this.#older[older];
    }
    if (newer !== 0 && this.#value[newer] <= value) return; // a later one outlives it and is no larger
    while (older !== 0 && this.#value[older] >= value) older = this.#remove(symbolId, older);
    // Only the newest value at a position can be smaller than an older one at it, which is then gone already.
    if (older !== 0 && this.#position[older] === position) return;
    this.#insert(symbolId, older, newer, position, value);
  }

  /** Drops what lies before `position`. */
  evictBefore(symbolId: number, position: number): void {
    let front = this.#front[symbolId];
    while (front !== 0 && this.#position[front] < position) {
      this.#remove(symbolId, front);
      front = this.#front[symbolId];
    }
  }

  /** The least value, or Infinity of an empty queue. */
  min(symbolId: number): number {
    const front = this.#front[symbolId];
    return front === 0 ? Infinity : this.#value[front];
  }

  #insert(symbolId: number, older: number, newer: number, position: number, value: number): void {
    const node = this.#take();
    this.#position[node] = position;
    this.#value[node] = value;
    this.#older[node] = older;
    this.#newer[node] = newer;
    if (older === 0) this.#front[symbolId] = node;
    else this.#newer[older] = node;
    if (newer === 0) this.#back[symbolId] = node;
    else this.#older[newer] = node;
  }

  /** Unlinks a node and returns the next older one. */
  #remove(symbolId: number, node: number): number {
    const older = this.#older[node];
    const newer = this.#newer[node];
    if (older === 0) this.#front[symbolId] = newer;
    else this.#newer[older] = newer;
    if (newer === 0) this.#back[symbolId] = older;
    else this.#older[newer] = older;
    this.#newer[node] = this.#free;
    this.#free = node;
    return older;
  }

  #take(): number {
    if (this.#free !== 0) {
      const node = this.#free;
      this.#free = this.#newer[node];
      return node;
    }
    if (this.#used === this.#value.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const length = this.#value.length * 2;
    const position = new Float64Array(length);
    position.set(this.#position);
    this.#position = position;
    const value = new Float64Array(length);
    value.set(this.#value);
    this.#value = value;
    this.#newer = resizedInt(this.#newer, length);
    this.#older = resizedInt(this.#older, length);
  }
}

const INITIAL_NODES = 256;

function resizedInt(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
}
