import type { SecretSource, TlsSource } from '../tls/tls-material.ts';

/** How to reach a schema registry. */
export interface RegistryConnection {
  /** Its base, without a slash at the end: what comes behind it begins with `/schemas` or `/subjects`. */
  readonly url: string;
  readonly login: { readonly username: string; readonly password: SecretSource } | undefined;
  readonly tls: TlsSource | undefined;
}
