/**
 * Memory for large responses, one of which is much like the other: it is used again once it is given back, and else
 * goes as all memory goes. New memory for each would cost a catch-up a tenth of its time, in the kernel, which clears
 * every page, and in garbage collections; and a quarter of its memory.
 */
export class ResponseMemory {
  #free: ArrayBuffer[] = [];

  /** So many bytes, whatever they hold. */
  lend(length: number): Buffer<ArrayBuffer> {
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= length);
    const memory = at === -1 ? newMemory(length) : this.#free.splice(at, 1)[0];
    lenderOf.set(memory, this);
    return Buffer.from(memory, 0, length);
  }

  takeBack(memory: ArrayBuffer): void {
    this.#free.push(memory);
    this.#free.sort((a, b) => b.byteLength - a.byteLength);
    this.#free.length = Math.min(this.#free.length, MOST_FREE);
  }
}

/** Nobody looks at the response any more, of which `bytes` is a part. Nothing happens where its memory was not lent. */
export function giveBack(bytes: Uint8Array): void {
  const memory = bytes.buffer as ArrayBuffer;
  const lender = lenderOf.get(memory);
  lenderOf.delete(memory);
  lender?.takeBack(memory);
}

const lenderOf = new WeakMap<ArrayBufferLike, ResponseMemory>();

function newMemory(length: number): ArrayBuffer {
  return Buffer.allocUnsafeSlow(Math.ceil(length / STEP_BYTES) * STEP_BYTES).buffer;
}

/** Responses of about the same length fit into the same memory. */
const STEP_BYTES = 256 * 1024;
/** One is read while another comes. */
const MOST_FREE = 2;
