import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SchemaRegistry } from '../../../src/registry/schema-registry.ts';
import type { KnownSchema } from '../../../src/trade/schemas.ts';
import { until } from '../../support/until.ts';

/*
 * What a registry may answer, by Confluent's documentation of its API; test/integration/aggregator/formats has a real one.
 */

const RECORD = '{"type":"record","name":"T","fields":[]}';
const SCHEMA_NOT_FOUND = [404, { error_code: 40403, message: 'Schema 7 not found' }] as const;

type Answer = readonly [status: number, body: unknown];

let server: Server;
let asked: string[];
let logins: (string | undefined)[];
let answerTo: (path: string) => Answer;
let registry: SchemaRegistry;

beforeEach(async () => {
  asked = [];
  logins = [];
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    asked.push(request.url ?? '');
    logins.push(request.headers.authorization);
    const [status, body] = answerTo(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open();
});

afterEach(async () => {
  registry.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function open(password?: () => string): void {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`;
  const login = password && { username: 'stocks', password };
  const nothing = (): void => undefined;
  const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  registry = new SchemaRegistry({ url, login, tls: undefined }, logger);
}

async function loaded(id: number): Promise<KnownSchema | undefined> {
  await registry.load(id);
  return registry.get(id);
}

test('a schema is asked for once, however many wait for it', async () => {
  answerTo = () => [200, { schema: RECORD }];
  expect(registry.get(7)).toBeUndefined();
  await Promise.all([registry.load(7), registry.load(7)]);
  expect(await loaded(7)).toEqual({ format: 'avro', type: { kind: 'record', name: 'T', fields: [] } });
  expect(asked).toEqual(['/base/schemas/ids/7']);
});

test('names of other schemas are looked up, and theirs, each once', async () => {
  const reference = (name: string) => ({ name, subject: `${name}/s`, version: 2 });
  const of: Record<string, object> = {
    '/base/schemas/ids/7': {
      schema: '{"type":"record","name":"T","fields":[{"name":"a","type":"A"},{"name":"b","type":"B"}]}',
      references: [reference('A'), reference('B')],
    },
    '/base/subjects/A%2Fs/versions/2': {
      schema: '{"type":"record","name":"A","fields":[{"name":"b","type":"B"}]}',
      references: [reference('B')],
    },
    '/base/subjects/B%2Fs/versions/2': { schema: '{"type":"enum","name":"B","symbols":["X"]}' },
  };
  answerTo = (path) => [200, of[path]];
  expect(await loaded(7)).toMatchObject({
    type: { fields: [{ name: 'a' }, { name: 'b', type: { kind: 'enum' } }] },
  });
  expect(asked.toSorted()).toEqual(Object.keys(of).toSorted());
});

test.each([
  ['that is JSON', { schemaType: 'JSON', schema: '{}' }, 'is of type JSON'],
  ['of a type that Avro does not know', { schema: '{"type":"strange"}' }, 'cannot be read: '],
  ['whose decimal has no scale that makes sense', { schema: DECIMAL_OF('"x"') }, 'cannot be read: '],
  ['that is no .proto file', { schemaType: 'PROTOBUF', schema: 'message {' }, 'cannot be read: '],
])('a schema %s is unusable, and is not asked for again', async (_, body, why) => {
  answerTo = () => [200, body];
  expect(await loaded(7)).toMatchObject({
    format: 'none',
    code: 'schema-unusable',
    why: expect.stringContaining(why),
  });
});

function DECIMAL_OF(scale: string): string {
  return `{"type":"bytes","logicalType":"decimal","precision":4,"scale":${scale}}`;
}

test('a schema that the registry does not have is asked for four times: one server may know it before another', async () => {
  answerTo = () => (asked.length < 3 ? SCHEMA_NOT_FOUND : [200, { schema: RECORD }]);
  expect(await loaded(7)).toMatchObject({ format: 'avro' });
  asked = [];
  answerTo = () => SCHEMA_NOT_FOUND;
  expect(await loaded(8)).toMatchObject({ format: 'none', code: 'schema-unknown' });
  expect(asked).toHaveLength(4);
});

test.each<[string, Answer, string]>([
  ['a server that is no registry', [404, { error_code: 404, message: 'no such page' }], 'answered 404'],
  ['a page for people', [200, '<html>'], 'answered 200'],
  ['a registry that is not ready', [503, 'starting'], 'answered 503'],
  ['a login that is refused', [401, { error_code: 40101, message: 'Unauthorized' }], 'does not permit'],
])('%s is no answer: it is an obstacle until there is one', async (_, wrong, words) => {
  answerTo = () => wrong;
  const loading = loaded(7);
  await until('it was asked twice', () => asked.length >= 2);
  expect(registry.get(7)).toBeUndefined();
  expect(registry.obstacles).toMatchObject([{ part: 'schema 7', reason: expect.stringContaining(words) }]);
  answerTo = () => [200, { schema: RECORD }];
  expect(await loading).toMatchObject({ format: 'avro' });
  expect(registry.obstacles).toEqual([]);
});

test('the password is read anew for each question', async () => {
  let password = 'old';
  open(() => password);
  answerTo = () => (logins.at(-1) === basic('stocks:new') ? [200, { schema: RECORD }] : [401, {}]);
  const loading = loaded(7);
  await until('the old one is refused', () => logins.includes(basic('stocks:old')));
  password = 'new';
  expect(await loading).toMatchObject({ format: 'avro' });
});

function basic(login: string): string {
  return `Basic ${Buffer.from(login).toString('base64')}`;
}
