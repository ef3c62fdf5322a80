import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Secrets as a kubelet mounts them: the keys are links through `..data`, which is swapped when a Secret changes. */
export class MountedSecrets {
  readonly folder: string;
  #versions = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Mounts a Secret, or changes all keys of one in one step. */
  set(name: string, values: Readonly<Record<string, string>>): void {
    const mount = join(this.folder, name);
    const version = `..version-${++this.#versions}`;
    mkdirSync(join(mount, version), { recursive: true });
    for (const [key, value] of Object.entries(values)) {
      writeFileSync(join(mount, version, key), value);
      rmSync(join(mount, key), { force: true });
      symlinkSync(join('..data', key), join(mount, key));
    }
    symlinkSync(version, join(mount, '..data_tmp'));
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
  }
}
