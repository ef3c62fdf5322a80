import type { SpecInput } from './moving-average.ts';
import type { Path } from './path.ts';

/** What a check sees: a value with a mistake of its own is undefined here, while its key still stands. */
export type Draft<T> = T extends readonly (infer Item)[]
  ? readonly (Draft<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Draft<T[Key]> | undefined }
    : T;

export interface Finding {
  /** From the top of the resource. */
  readonly path: Path;
  /** It is the key that is wrong and not its value. */
  readonly isAboutKey?: boolean;
  readonly message: string;
}

/** A rule between fields, which the schema of a single field cannot say. */
export type Check = (spec: Draft<SpecInput>) => readonly Finding[];
