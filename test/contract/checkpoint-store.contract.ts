import { afterEach, describe, expect, test } from '@jest/globals';
import type { CheckpointStore } from '../../src/pipeline/checkpoint.ts';
import { change, inOrder, pane, tail } from '../support/checkpoints.ts';

/** What a store is run over. Stores that are open at the same time are like processes: they share what is kept. */
export interface CheckpointStores {
  open(): CheckpointStore;
  /** Every store is closed and nothing is kept any more. */
  clear(): Promise<void>;
}

/** What every CheckpointStore must do. */
export function checkpointStoreContract(name: string, stores: CheckpointStores): void {
  describe(`A checkpoint store: ${name}`, () => {
    afterEach(() => stores.clear());

    test('has nothing for a partition that was never saved', async () => {
      const store = stores.open();
      await expect(store.load(0)).resolves.toBeUndefined();
      expect(store.isHealthy).toBe(true);
    });

    test('gives back what was saved, to another process too', async () => {
      const panes = [pane(0, { AMC: [2, 91430, 0, 15884, 75546], Ünï: [1, 7, 0, 7, 7] }), pane(1000, {})];
      const saved = change({
        offset: 2n ** 60n,
        watermarkMs: -Infinity,
        panes,
        tails: [tail(1, 'A:B', [5, 6])],
      });
      await expect(stores.open().save(3, 1n, saved)).resolves.toBe('saved');
      const { offset, watermarkMs, shape, tails } = saved;
      expect(await stores.open().load(3)).toEqual({ offset, watermarkMs, shape, panes, tails });
    });

    test('keeps partitions apart', async () => {
      const store = stores.open();
      await store.save(0, 1n, change({ offset: 10n }));
      await store.save(1, 1n, change({ offset: 11n }));
      expect([await store.load(0), await store.load(1)]).toMatchObject([{ offset: 10n }, { offset: 11n }]);
    });

    test('takes a change on top: panes of the same start are replaced, others stay, closed ones go', async () => {
      const store = stores.open();
      await store.save(
        0,
        1n,
        change({ panes: [pane(0, { A: [1] }), pane(1000, { A: [2] }), pane(2000, { A: [3] })] }),
      );
      await store.save(
        0,
        1n,
        change({
          whole: false,
          offset: 5n,
          dropBeforeMs: 1000,
          panes: [pane(2000, { A: [4], B: [1] }), pane(3000, { B: [2] })],
        }),
      );
      expect(await store.load(0)).toMatchObject({
        offset: 5n,
        panes: [pane(1000, { A: [2] }), pane(2000, { A: [4], B: [1] }), pane(3000, { B: [2] })],
      });
    });

    test('takes a change of tails by window and symbol', async () => {
      const store = stores.open();
      await store.save(0, 1n, change({ tails: [tail(0, 'A', [1]), tail(1, 'A', [2]), tail(0, 'B', [3])] }));
      await store.save(0, 1n, change({ whole: false, tails: [tail(1, 'A', [2, 9])] }));
      const tails = [tail(0, 'A', [1]), tail(0, 'B', [3]), tail(1, 'A', [2, 9])];
      expect(inOrder(await store.load(0))).toMatchObject({ tails });
    });

    test('replaces everything by a whole save, the panes that it drops left out', async () => {
      const store = stores.open();
      await store.save(0, 1n, change({ panes: [pane(0, { A: [1] })], tails: [tail(0, 'A', [1])] }));
      await store.save(
        0,
        1n,
        change({ shape: '1m', dropBeforeMs: 1000, panes: [pane(500, { B: [1] }), pane(1000, { B: [2] })] }),
      );
      expect(await store.load(0)).toMatchObject({ shape: '1m', panes: [pane(1000, { B: [2] })], tails: [] });
    });

    test('takes the first change of a partition that it has looked for and not found', async () => {
      const store = stores.open();
      await store.load(0);
      const first = change({ whole: false, panes: [pane(0, { A: [1] })] });
      await expect(store.save(0, 1n, first)).resolves.toBe('saved');
    });

    test('goes on from the checkpoint of a predecessor that it has loaded', async () => {
      await stores.open().save(0, 1n, change({ panes: [pane(0, { A: [1] })] }));
      const successor = stores.open();
      await successor.load(0);
      await successor.save(0, 2n, change({ whole: false, panes: [pane(1000, { A: [2] })] }));
      expect(await successor.load(0)).toMatchObject({ panes: [pane(0, { A: [1] }), pane(1000, { A: [2] })] });
    });

    test('rejects a change that goes on top of something else, and takes it whole', async () => {
      const zombie = stores.open();
      await zombie.save(0, 1n, change({ panes: [pane(0, { A: [1] })] }));
      await stores.open().save(0, 1n, change({ offset: 7n }));
      await expect(zombie.save(0, 1n, change({ whole: false, offset: 8n }))).rejects.toMatchObject({
        trouble: 'base-lost',
      });
      expect(await zombie.load(0)).toMatchObject({ offset: 7n, panes: [] });
      await expect(stores.open().save(0, 1n, change({ whole: false }))).rejects.toMatchObject({
        trouble: 'base-lost',
      });
      await expect(zombie.save(0, 1n, change({ offset: 8n }))).resolves.toBe('saved');
    });

    test('refuses an older epoch, whole or not, and stays as it was', async () => {
      const zombie = stores.open();
      await zombie.save(0, 9n, change({ offset: 1n }));
      const successor = stores.open();
      await successor.save(0, 10n, change({ offset: 2n }));
      await expect(zombie.save(0, 9n, change({ offset: 3n }))).resolves.toBe('fenced');
      await expect(zombie.save(0, 9n, change({ offset: 3n, whole: false }))).resolves.toBe('fenced');
      expect(await successor.load(0)).toMatchObject({ offset: 2n });
      await expect(successor.save(0, 2n ** 63n, change({ offset: 4n }))).resolves.toBe('saved');
      await expect(successor.save(0, 2n ** 63n - 1n, change({ offset: 5n }))).resolves.toBe('fenced');
    });

    test('keeps what was saved when the caller goes on with its arrays', async () => {
      const store = stores.open();
      const live = pane(0, { A: [1] });
      const saving = store.save(0, 1n, change({ panes: [live] }));
      live.figures[0] = 2;
      await saving;
      expect(await store.load(0)).toMatchObject({ panes: [pane(0, { A: [1] })] });
    });
  });
}
