import { expect, test } from '@jest/globals';
import type { SymbolPlaces } from '../../src/pipeline/symbol-places.ts';

/** What holds for symbol places of every kind. `open` gives those of a pipeline that has none yet. */
export function symbolPlacesContract(kind: string, open: () => SymbolPlaces): void {
  test(`${kind}: a partition that says the same again is told nothing`, async () => {
    const places = open();
    expect(await places.claim(0, ['AMC', 'ANZ'], 7)).toEqual([]);
    expect(await places.claim(0, ['AMC'], 7)).toEqual([]);
    expect(await places.claim(0, ['AMC'], 8)).toEqual([]);
  });

  test(`${kind}: another partition is told who has them, in this period and the next`, async () => {
    const places = open();
    await places.claim(3, ['AMC', 'ANZ'], 7);
    expect(await places.claim(1, ['BHP', 'AMC'], 7)).toEqual([{ symbol: 'AMC', otherPartition: 3 }]);
    expect(await places.claim(2, ['ANZ', 'BHP'], 8)).toEqual([
      { symbol: 'ANZ', otherPartition: 3 },
      { symbol: 'BHP', otherPartition: 1 },
    ]);
  });

  test(`${kind}: a symbol that has moved is the new partition's two periods later`, async () => {
    const places = open();
    await places.claim(3, ['AMC'], 7);
    expect(await places.claim(1, ['AMC'], 9)).toEqual([]);
    expect(await places.claim(3, ['AMC'], 9)).toEqual([{ symbol: 'AMC', otherPartition: 1 }]);
  });

  test(`${kind}: any symbol, also one that looks like something else`, async () => {
    const places = open();
    const symbols = ['', '0 0', 'BRK.B', '株', '__proto__', '"'];
    await places.claim(0, symbols, 7);
    const found = await places.claim(10, symbols, 7);
    expect(found).toEqual(symbols.map((symbol) => ({ symbol, otherPartition: 0 })));
  });
}
