import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { TidemarkError } from '../pipeline/error.ts';
import type { SecretSource } from '../tls/tls-material.ts';

export interface OauthClient {
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: SecretSource;
  readonly scope: string | undefined;
  /** In PEM; undefined: the endpoint is trusted as the system trusts it. */
  readonly ca: SecretSource | undefined;
}

/**
 * Tokens by client credentials (RFC 6749, 4.4). One is kept for four fifths of its life; those who ask meanwhile share
 * it. The function rejects with a TidemarkError, KAFKA_TOKEN_REFUSED.
 */
export function oauthTokens(client: OauthClient, nowMs: () => number = Date.now): () => Promise<string> {
  let kept: { token: Promise<Token>; freshUntilMs: number } | undefined;
  return async () => {
    if (kept === undefined || nowMs() >= kept.freshUntilMs) {
      const asked = { token: tokenFrom(client), freshUntilMs: Infinity };
      kept = asked;
      try {
        asked.freshUntilMs = nowMs() + 1000 * FRESH_SHARE * (await asked.token).lifeS;
      } catch (error) {
        if (kept === asked) kept = undefined;
        throw error;
      }
    }
    return (await kept.token).value;
  };
}

interface Token {
  readonly value: string;
  readonly lifeS: number;
}

const FRESH_SHARE = 0.8;
const TIMEOUT_MS = 10_000;
/** RFC 6749 only recommends that the endpoint says how long a token lives. */
const UNKNOWN_LIFE_S = 60;

async function tokenFrom(client: OauthClient): Promise<Token> {
  const response = await asked(client);
  const body = await text(response);
  const fields = fieldsOf(body);
  if (response.statusCode !== 200 || typeof fields.access_token !== 'string') {
    const said = typeof fields.error === 'string' ? `, ${fields.error}` : '';
    throw refused(client, `answered ${response.statusCode ?? 'nothing'}${said}, and gave no token`);
  }
  const lifeS = typeof fields.expires_in === 'number' ? fields.expires_in : UNKNOWN_LIFE_S;
  return { value: fields.access_token, lifeS };
}

function asked(client: OauthClient): Promise<IncomingMessage> {
  const { tokenEndpoint, clientId, clientSecret, scope, ca } = client;
  const login = [clientId, clientSecret()].map(encodeURIComponent).join(':');
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) });
  const options = {
    method: 'POST',
    timeout: TIMEOUT_MS,
    headers: {
      authorization: `Basic ${Buffer.from(login).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
  };
  return new Promise((resolve, reject) => {
    const request = tokenEndpoint.startsWith('https:')
      ? requestHttps(tokenEndpoint, { ...options, ...(ca && { ca: ca() }) })
      : requestHttp(tokenEndpoint, options);
    request.once('response', resolve);
    request.once('timeout', () => request.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
    request.once('error', (error) => {
      reject(refused(client, `cannot be reached: ${error.message}`));
    });
    request.end(form.toString());
  });
}

function fieldsOf(body: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {}; // what is no JSON is no token either, and is told as such
  }
}

function refused({ tokenEndpoint, clientId }: OauthClient, what: string): TidemarkError {
  return new TidemarkError(
    'KAFKA_TOKEN_REFUSED',
    `The token endpoint ${tokenEndpoint} ${what}.`,
    `Check spec.kafka.sasl: tokenEndpoint, scope, and the secret of the client ${clientId}.`,
  );
}
