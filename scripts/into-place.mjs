// Runs on any Node >= 20 and imports nothing but Node itself.
import { existsSync, renameSync } from 'node:fs';

/** Moves a folder that was built beside its place there, whole. Where another run was faster, that one's stays. */
export function moveIntoPlace(draft, place) {
  try {
    renameSync(draft, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
  }
}
