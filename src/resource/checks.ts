import type { Check, Draft, Finding } from './check.ts';
import { MOST_REKEYED_PARTITIONS } from './kafka-names.ts';
import type { SpecInput } from './moving-average.ts';
import { windowChecks } from './window-checks.ts';

/** All of them; each runs on what is sound, whatever else is wrong. */
export const checks: readonly Check[] = [
  (spec) => oneWay('kafka', spec.kafka, ['cluster', 'bootstrapServers']),
  (spec) => someWay('kafka', spec.kafka, 'cluster or bootstrapServers such as cluster: my-cluster'),
  loginIsWhole,
  (spec) => oneWay('redis', spec.redis, ['url', 'sentinel', 'cluster']),
  (spec) => someWay('redis', spec.redis, 'url, sentinel or cluster such as url: redis://redis:6379'),
  (spec) => oneWay('input', spec.input, ['topic', 'file', 'socket', 'demo']),
  (spec) => oneWay('output', spec.output, ['topic', 'file']),
  (spec) => oneWay('late', spec.late, ['topic', 'file']),
  (spec) => someWay('late', spec.late, 'topic or file such as topic: stocks_late'),
  (spec) => oneWay('deadLetters', spec.deadLetters, ['topic', 'file']),
  (spec) => someWay('deadLetters', spec.deadLetters, 'topic or file such as topic: stocks_dead'),
  keyIsTheSymbol,
  positionsAreForCsv,
  schemasComeFromARegistry,
  schemasAreOfATopic,
  registryLoginIsWhole,
  fieldsApart,
  nothingFlowsBack,
  rekeyedInputIsATopic,
  rekeyedResultsAreFinal,
  rekeyedPartitionsFit,
  measuresOnce,
  ...windowChecks,
  replicasInOrder,
  replicasHaveWork,
  replicasOrScaling,
];

type Section = 'kafka' | 'redis' | 'input' | 'output' | 'late' | 'deadLetters';

/** At most one of the keys may be given. */
function oneWay(section: Section, value: object | undefined, keys: readonly string[]): readonly Finding[] {
  const given = keys.filter((key) => value && key in value);
  if (given.length < 2) return [];
  const message = `is one too many beside ${given.slice(0, -1).join(', ')}: keep one of ${keys.join(', ')}`;
  return [{ path: ['spec', section, given[given.length - 1]], message }];
}

/** A section with nothing in it but perhaps details does not say where to. */
function someWay(section: Section, value: object | undefined, expected: string): readonly Finding[] {
  if (value === undefined) return [];
  const keys = WAYS[section] ?? ['topic', 'file'];
  if (keys.some((key) => key in value)) return [];
  return [{ path: ['spec', section], message: `expected ${expected}, found neither` }];
}

const WAYS: Partial<Record<Section, readonly string[]>> = {
  kafka: ['cluster', 'bootstrapServers'],
  redis: ['url', 'sentinel', 'cluster'],
};

/** Each mechanism has its own keys, of which some must be there. */
function loginIsWhole({ kafka }: Draft<SpecInput>): readonly Finding[] {
  const sasl = kafka?.sasl;
  if (sasl?.mechanism === undefined) return [];
  const { mechanism } = sasl;
  const { needed, optional } = LOGIN_KEYS[mechanism];
  const given = Object.keys(sasl).filter((key) => key !== 'mechanism');
  const missing = needed
    .filter((key) => !given.includes(key))
    .map((key) => ({
      path: ['spec', 'kafka', 'sasl', key],
      message: `is missing: ${mechanism} needs ${needed.join(', ')}`,
    }));
  const stray = given
    .filter((key) => ![...needed, ...optional].includes(key))
    .map((key) => ({
      path: ['spec', 'kafka', 'sasl', key],
      message: `is not for ${mechanism}, which takes ${[...needed, ...optional].join(', ')}: take it out`,
    }));
  return [...missing, ...stray];
}

const PASSWORD_LOGIN = { needed: ['username', 'passwordSecretRef'], optional: [] };
const LOGIN_KEYS: Record<
  'plain' | 'scram-sha-256' | 'scram-sha-512' | 'oauthbearer' | 'aws-msk-iam',
  { readonly needed: readonly string[]; readonly optional: readonly string[] }
> = {
  plain: PASSWORD_LOGIN,
  'scram-sha-256': PASSWORD_LOGIN,
  'scram-sha-512': PASSWORD_LOGIN,
  oauthbearer: {
    needed: ['tokenEndpoint', 'clientId', 'clientSecretRef'],
    optional: ['scope', 'tokenCaSecretRef'],
  },
  'aws-msk-iam': { needed: ['region'], optional: [] },
};

function keyIsTheSymbol({ input }: Draft<SpecInput>): readonly Finding[] {
  const symbol = input?.fields?.symbol;
  if (input?.key === undefined || symbol === undefined || symbol === input.key) return [];
  const message = `names "${input.key}", but fields.symbol, which it is short for, names ${JSON.stringify(symbol)}: keep one`;
  return [{ path: ['spec', 'input', 'key'], message }];
}

function positionsAreForCsv({ input }: Draft<SpecInput>): readonly Finding[] {
  const format = input?.format ?? 'csv';
  if (format === 'csv') return [];
  return Object.entries(input?.fields ?? {})
    .filter(([, field]) => typeof field === 'number')
    .map(([name, field]) => ({
      path: ['spec', 'input', 'fields', name],
      message: `expected a name such as ${name} because ${format === 'json' ? 'JSON' : format} has no positions, found ${field}`,
    }));
}

/** Bytes alone do not say what they are. */
function schemasComeFromARegistry({ input, schemaRegistry }: Draft<SpecInput>): readonly Finding[] {
  const format = input?.format;
  if (!isOfSchemas(format) || schemaRegistry !== undefined) return [];
  const message = `is missing: ${format} needs the registry that has the schemas, such as { url: http://schema-registry:8081 }`;
  return [{ path: ['spec', 'schemaRegistry'], message }];
}

function schemasAreOfATopic({ input }: Draft<SpecInput>): readonly Finding[] {
  const format = input?.format;
  const other = (['file', 'socket'] as const).find((key) => input && key in input);
  if (!isOfSchemas(format) || other === undefined) return [];
  const message = `expected csv or json because a ${other} has lines, found ${format}, which records of a Kafka topic have`;
  return [{ path: ['spec', 'input', 'format'], message }];
}

function isOfSchemas(format: string | undefined): format is 'avro' | 'protobuf' {
  return format === 'avro' || format === 'protobuf';
}

function registryLoginIsWhole({ schemaRegistry }: Draft<SpecInput>): readonly Finding[] {
  const given = (['username', 'passwordSecretRef'] as const).filter(
    (key) => schemaRegistry && key in schemaRegistry,
  );
  if (given.length !== 1) return [];
  const missing = given[0] === 'username' ? 'passwordSecretRef' : 'username';
  const message = `is missing: a login is a username and a passwordSecretRef, found ${given[0]} alone`;
  return [{ path: ['spec', 'schemaRegistry', missing], message }];
}

/** One field of a record cannot be two parts of a trade. */
function fieldsApart({ input }: Draft<SpecInput>): readonly Finding[] {
  const entries = Object.entries(input?.fields ?? {}).filter(([, field]) => field !== undefined);
  return entries.flatMap(([name, field], index): Finding[] => {
    const [twin] = entries.slice(0, index).find(([, other]) => other === field) ?? [];
    if (twin === undefined) return [];
    const message = `expected a field of its own, found ${JSON.stringify(field)}, which is ${twin} already`;
    return [{ path: ['spec', 'input', 'fields', name], message }];
  });
}

/** What a pipeline writes must not be what it reads, or it would feed on itself without end. */
function nothingFlowsBack(spec: Draft<SpecInput>): readonly Finding[] {
  const { topic, file } = spec.input ?? {};
  return (['output', 'late', 'deadLetters'] as const).flatMap((section) => {
    const to = spec[section];
    const found: Finding[] = [];
    if (topic !== undefined && to?.topic === topic) {
      const message = `expected a topic other than the input such as ${topic}_${section}, found ${topic}, which is the input`;
      found.push({ path: ['spec', section, 'topic'], message });
    }
    if (file !== undefined && file !== '-' && to?.file === file) {
      const message = `expected a file other than the input, found ${file}, which is the input`;
      found.push({ path: ['spec', section, 'file'], message });
    }
    return found;
  });
}

/** Only a topic has partitions that a symbol could be spread over. */
function rekeyedInputIsATopic({ input }: Draft<SpecInput>): readonly Finding[] {
  const other = (['file', 'socket', 'demo'] as const).find((key) => input?.[key] !== undefined);
  if (input?.rekey !== true || other === undefined) return [];
  const message = `is for a topic, whose partitions a symbol may be spread over, and not for ${other}: leave it out`;
  return [{ path: ['spec', 'input', 'rekey'], message }];
}

/** What an early result holds would depend on which partition happened to be read first. */
function rekeyedResultsAreFinal({ input, emit }: Draft<SpecInput>): readonly Finding[] {
  if (input?.rekey !== true || emit !== 'update') return [];
  const message =
    'expected final with input.rekey, because early results would depend on which partition is read first, found update';
  return [{ path: ['spec', 'emit'], message }];
}

/** The watermark of each has to find room in the metadata of an offset. */
function rekeyedPartitionsFit({ input }: Draft<SpecInput>): readonly Finding[] {
  const { rekey, partitions } = input ?? {};
  if (rekey !== true || partitions === undefined || partitions <= MOST_REKEYED_PARTITIONS) return [];
  const message = `expected at most ${MOST_REKEYED_PARTITIONS} with rekey, found ${partitions}`;
  return [{ path: ['spec', 'input', 'partitions'], message }];
}

function measuresOnce({ output }: Draft<SpecInput>): readonly Finding[] {
  const measures = output?.measures ?? [];
  return measures.flatMap((measure, index) =>
    measure !== undefined && measures.indexOf(measure) < index
      ? [
          {
            path: ['spec', 'output', 'measures', index],
            message: `${measure} stands in the list twice: keep one`,
          },
        ]
      : [],
  );
}

function replicasInOrder({ scaling }: Draft<SpecInput>): readonly Finding[] {
  const { minReplicas, maxReplicas } = scaling ?? {};
  if (minReplicas === undefined || maxReplicas === undefined || minReplicas <= maxReplicas) return [];
  const message = `expected at least minReplicas, which is ${minReplicas}, found ${maxReplicas}: raise it or lower minReplicas`;
  return [{ path: ['spec', 'scaling', 'maxReplicas'], message }];
}

function replicasHaveWork({ scaling, input }: Draft<SpecInput>): readonly Finding[] {
  const { maxReplicas } = scaling ?? {};
  const { partitions } = input ?? {};
  if (maxReplicas === undefined || partitions === undefined || maxReplicas <= partitions) return [];
  const message = `expected at most input.partitions, which is ${partitions}, found ${maxReplicas}: a replica without a partition has nothing to do`;
  return [{ path: ['spec', 'scaling', 'maxReplicas'], message }];
}

function replicasOrScaling({ replicas, scaling }: Draft<SpecInput>): readonly Finding[] {
  if (replicas === undefined || scaling === undefined) return [];
  const message = 'does not go with scaling, which decides how many run: keep one of them';
  return [{ path: ['spec', 'replicas'], message }];
}
