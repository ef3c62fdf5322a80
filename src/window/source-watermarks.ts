/** How far one of the partitions that trades come from is. */
export interface SourceWatermark {
  /** Everything of the source before it has come; -Infinity before its first trade. */
  readonly watermarkMs: number;
  /** It is read to its end, and no trade has come for so long that it holds nobody up. */
  readonly isIdle: boolean;
}

/**
 * The watermark of trades that come from several partitions: as far as the last of them is. A trade is behind the
 * watermark of its own source only if it was so where it came from, whatever the order in which sources are read.
 * Sources that are idle are left out; where all are, the one that is furthest decides, so that what is left closes.
 */
export class SourceWatermarks {
  readonly #sources: SourceWatermark[];

  /** `sources`: how many there are; `known`: what was told of the first of them. */
  constructor(sources: number, known: readonly SourceWatermark[] = []) {
    this.#sources = Array.from(
      { length: Math.max(sources, known.length) },
      (_, source) => known.at(source) ?? UNKNOWN,
    );
  }

  get all(): readonly SourceWatermark[] {
    return this.#sources;
  }

  /** It may fall, when a source is idle no more; who closes windows by it takes the highest there was. */
  get atMs(): number {
    let lowestMs = Infinity;
    let highestMs = -Infinity;
    for (const { watermarkMs, isIdle } of this.#sources) {
      highestMs = Math.max(highestMs, watermarkMs);
      if (!isIdle) lowestMs = Math.min(lowestMs, watermarkMs);
    }
    return lowestMs === Infinity ? highestMs : lowestMs;
  }

  /** What a source has told last. One that is new, because the input has grown, counts from now on. */
  told(source: number, watermark: SourceWatermark): void {
    while (this.#sources.length <= source) this.#sources.push(UNKNOWN);
    this.#sources[source] = watermark;
  }
}

const UNKNOWN: SourceWatermark = { watermarkMs: Number.NEGATIVE_INFINITY, isIdle: false };
