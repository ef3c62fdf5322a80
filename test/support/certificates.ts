import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In PEM. */
export interface Issued {
  readonly certificate: string;
  readonly privateKey: string;
}

/** A certificate authority of a test, made by openssl in a folder of the test's. */
export class Authority {
  readonly certificate: string;
  readonly #folder: string;
  readonly #name: string;
  #issued = 0;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
    openssl(['genpkey', ...EC_KEY, '-out', this.#path('key')]);
    const subject = ['-subj', `/CN=${name}`, '-days', '30'];
    openssl(['req', '-x509', '-new', '-key', this.#path('key'), ...subject, '-out', this.#path('crt')]);
    this.certificate = readFileSync(this.#path('crt'), 'utf8');
  }

  /** `days` below zero: one that has expired. For a server it names 127.0.0.1 and localhost, or `host` alone. */
  issue(commonName: string, { days = 7, host }: { days?: number; host?: string } = {}): Issued {
    const at = (extension: string): string => this.#path(`${++this.#issued}.${extension}`);
    const [key, request, certificate, extensions] = [at('key'), at('csr'), at('crt'), at('ext')];
    openssl(['genpkey', ...EC_KEY, '-out', key]);
    openssl(['req', '-new', '-key', key, '-subj', `/CN=${commonName}`, '-out', request]);
    const names = host === undefined ? 'IP:127.0.0.1,DNS:localhost' : `DNS:${host}`;
    writeFileSync(extensions, `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`);
    const signer = ['-CA', this.#path('crt'), '-CAkey', this.#path('key'), '-CAcreateserial'];
    const file = ['-extfile', extensions, '-days', String(days), '-out', certificate];
    openssl(['x509', '-req', '-in', request, ...signer, ...file]);
    return { certificate: readFileSync(certificate, 'utf8'), privateKey: readFileSync(key, 'utf8') };
  }

  #path(what: string): string {
    return join(this.#folder, `${this.#name}.${what}`);
  }
}

const EC_KEY = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
