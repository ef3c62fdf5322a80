import { memoryCheckpointStore, type KeptCheckpoint } from '../../src/pipeline/memory-checkpoint-store.ts';
import { checkpointStoreContract } from './checkpoint-store.contract.ts';

const kept = new Map<number, KeptCheckpoint>();

checkpointStoreContract('memory', {
  open: () => memoryCheckpointStore(kept),
  clear: () => {
    kept.clear();
    return Promise.resolve();
  },
});
