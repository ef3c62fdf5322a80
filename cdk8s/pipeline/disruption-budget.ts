import type { Construct } from 'constructs';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s.js';
import { ownedMetadata, selectorOf, type PipelineContext } from './pipeline-context.ts';

/** A drain takes one aggregator at a time, and one that is not ready at once: it does no work that would be missed. */
export function addDisruptionBudget(scope: Construct, context: PipelineContext): void {
  new k8s.KubePodDisruptionBudget(scope, 'disruption-budget', {
    metadata: ownedMetadata(context),
    spec: {
      maxUnavailable: k8s.IntOrString.fromNumber(1),
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: selectorOf(context) },
    },
  });
}
