import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  API_VERSION,
  KIND,
  type MovingAverageObject,
  type SpecInput,
} from '../src/resource/moving-average.ts';

/** A MovingAverage as a person would write it. */
export function movingAverageObject(name: string, spec: SpecInput): MovingAverageObject {
  return { apiVersion: API_VERSION, kind: KIND, metadata: { name }, spec };
}

export function addMovingAverage(
  scope: Construct,
  { apiVersion, kind, metadata, spec }: MovingAverageObject,
): void {
  new ApiObject(scope, 'moving-average', { apiVersion, kind, metadata: { name: metadata.name }, spec });
}
