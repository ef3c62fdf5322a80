import * as k8s from 'cdk8s-plus-27/lib/imports/k8s.js';
import type { ContainerResources } from './pipeline/surroundings.ts';

/** Quantities in the form that cdk8s takes. */
export function resourceRequirements({ requests, limits }: ContainerResources): k8s.ResourceRequirements {
  return {
    ...(requests && { requests: quantities(requests) }),
    ...(limits && { limits: quantities(limits) }),
  };
}

function quantities(texts: Readonly<Record<string, string>>): Record<string, k8s.Quantity> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, k8s.Quantity.fromString(text)]),
  );
}
