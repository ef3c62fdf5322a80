/** A symbol that trades in a partition, and lately in another one too. */
export interface SplitSymbol {
  readonly symbol: string;
  readonly otherPartition: number;
}

/** In which partition symbols trade, as all processes of a pipeline know it together. */
export interface SymbolPlaces {
  /**
   * These symbols trade in this partition. Returns those of which another partition has said the same in this period
   * or the one before; a period is a number that all processes agree upon. Rejects when the store does not answer.
   */
  claim(partition: number, symbols: readonly string[], period: number): Promise<readonly SplitSymbol[]>;
}

/** What the partitions of one process know. */
export function memorySymbolPlaces(): SymbolPlaces {
  const places = new Map<string, { partition: number; period: number }>();
  return {
    claim(partition, symbols, period) {
      if (places.size > MOST_PLACES) places.clear();
      const split = symbols.flatMap((symbol): SplitSymbol[] => {
        const known = places.get(symbol);
        if (known !== undefined && known.partition !== partition && known.period >= period - 1)
          return [{ symbol, otherPartition: known.partition }];
        places.set(symbol, { partition, period });
        return [];
      });
      return Promise.resolve(split);
    },
  };
}

/** What is known of more is forgotten, and learnt anew within a period. */
export const MOST_PLACES = 500_000;
