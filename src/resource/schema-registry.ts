import * as z from 'zod';
import { tlsOf } from './connections.ts';
import { expecting, section } from './expectation.ts';
import { secretRef } from './values.ts';

const url = expecting(
  z
    .string()
    .max(2048)
    .regex(/^https?:\/\/[^\s@?#]+$/)
    .refine((text) => URL.canParse(text))
    .describe('Where the registry answers: http://host:port or https://, with a path where its API has one.'),
  'the URL of a registry without a user or password such as http://schema-registry:8081',
  // A password is not repeated in a message, which may end up in a log.
  (value) =>
    typeof value === 'string' && value.includes('@')
      ? 'one with a login inside: put the password into a Secret and name it in passwordSecretRef'
      : undefined,
);

/** Where the schemas of Avro and Protobuf records are kept. */
export const schemaRegistry = section(
  'The registry, with the API of Confluent, that has the schemas of Avro and Protobuf records.',
  '{ url: http://schema-registry:8081 }',
  {
    url,
    username: expecting(
      z.string().min(1).max(255).describe('The name to log in with.'),
      'the name of a user such as stocks',
    ).optional(),
    passwordSecretRef: secretRef('Where the password is kept.', {
      name: 'schema-registry',
      key: 'password',
    }).optional(),
    tls: tlsOf('the registry', '{ caSecretRef: { name: schema-registry-tls, key: ca.crt } }', {
      name: 'schema-registry-tls',
      key: 'ca.crt',
    }).optional(),
  },
);
