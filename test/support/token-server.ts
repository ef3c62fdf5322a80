import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A token endpoint for client credentials (RFC 6749, 4.4) that signs JWTs with a key of its own. */
export interface TokenServer {
  readonly url: string;
  /** What a broker needs to check the tokens. */
  readonly jwks: object;
  /** How many tokens were given. */
  readonly given: number;
  stop(): Promise<void>;
}

export async function startTokenServer(clients: Readonly<Record<string, string>>): Promise<TokenServer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let given = 0;
  const tokenOf = (subject: string): string => {
    const nowS = Math.floor(Date.now() / 1000);
    const claims = { sub: subject, aud: 'kafka', iss: 'test', iat: nowS, exp: nowS + 60, scope: 'kafka' };
    const signed = [{ alg: 'RS256', kid: 'test' }, claims].map(base64url).join('.');
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
  };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const login = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString();
      const [client, secret] = login.split(':').map(decodeURIComponent);
      const isRight = clients[client] === secret && body.includes('grant_type=client_credentials');
      const answer = isRight
        ? { access_token: tokenOf(client), expires_in: 60 }
        : { error: 'invalid_client' };
      if (isRight) given++;
      response.writeHead(isRight ? 200 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'test', alg: 'RS256', use: 'sig' }] },
    get given() {
      return given;
    },
    stop: () => closed(server),
  };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
