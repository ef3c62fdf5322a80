import type { Pipeline, SecretRef, Tls } from './pipeline.ts';

/** One value of a Secret that a pipeline needs, and what for. */
export interface NeededSecret extends SecretRef {
  /** Where the pipeline names it: `spec.kafka.sasl.passwordSecretRef`. */
  readonly place: string;
}

/** Everything that a pod of the pipeline reads from Secrets. Their names are what must be mounted. */
export function secretRefs({ kafka, redis, schemaRegistry }: Pipeline): NeededSecret[] {
  const found: NeededSecret[] = [
    ...tlsRefs('spec.kafka.tls', kafka?.tls),
    ...tlsRefs('spec.redis.tls', redis?.tls),
    ...tlsRefs('spec.schemaRegistry.tls', schemaRegistry?.tls),
  ];
  const add = (place: string, ref: SecretRef | undefined): void => {
    if (ref !== undefined) found.push({ ...ref, place });
  };
  const sasl = kafka?.sasl;
  if (sasl?.mechanism === 'oauthbearer') {
    add('spec.kafka.sasl.clientSecretRef', sasl.clientSecretRef);
    add('spec.kafka.sasl.tokenCaSecretRef', sasl.tokenCaSecretRef);
  } else if (sasl !== undefined && sasl.mechanism !== 'aws-msk-iam') {
    add('spec.kafka.sasl.passwordSecretRef', sasl.passwordSecretRef);
  }
  add('spec.redis.passwordSecretRef', redis?.passwordSecretRef);
  if (redis?.servers.kind === 'sentinel')
    add('spec.redis.sentinel.passwordSecretRef', redis.servers.passwordSecretRef);
  add('spec.schemaRegistry.passwordSecretRef', schemaRegistry?.login?.passwordSecretRef);
  return found;
}

function tlsRefs(place: string, tls: Tls | undefined): NeededSecret[] {
  const { caSecretRef, certificateSecretRef: own } = tls ?? {};
  const ca = caSecretRef === undefined ? [] : [{ ...caSecretRef, place: `${place}.caSecretRef` }];
  if (own === undefined) return ca;
  const ownPlace = `${place}.certificateSecretRef`;
  return [
    ...ca,
    { name: own.name, key: own.certificate, place: ownPlace },
    { name: own.name, key: own.privateKey, place: ownPlace },
  ];
}
