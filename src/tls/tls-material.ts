/** What a TLS connection is made with, in PEM. */
export interface TlsMaterial {
  /** Whom to trust; undefined: as the system does. */
  readonly ca: string | undefined;
  /** Our own certificate, with its chain, where the server asks for one. */
  readonly certificate: string | undefined;
  readonly privateKey: string | undefined;
}

/** Asked for at each new connection, so that what has rotated is used from then on. May throw a TidemarkError. */
export type TlsSource = () => TlsMaterial;

/** Likewise, of a password or another secret text. */
export type SecretSource = () => string;
