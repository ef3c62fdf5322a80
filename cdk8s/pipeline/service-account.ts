import type { Construct } from 'constructs';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s.js';
import { ownedMetadata, type PipelineContext } from './pipeline-context.ts';

/** The aggregators' account: it has no rights in the cluster and its token is mounted nowhere; a cloud may know it. */
export function addServiceAccount(scope: Construct, context: PipelineContext): void {
  const { serviceAccountAnnotations } = context.surroundings;
  new k8s.KubeServiceAccount(scope, 'service-account', {
    metadata: {
      ...ownedMetadata(context),
      ...(serviceAccountAnnotations && { annotations: { ...serviceAccountAnnotations } }),
    },
    automountServiceAccountToken: false,
  });
}
