/** The schema of what the operator says about a MovingAverage. */
export function statusSchema(): object {
  return {
    type: 'object',
    description: 'What the operator has found; written by it alone.',
    properties: {
      observedGeneration: {
        type: 'integer',
        format: 'int64',
        description: 'The generation of the spec that this status is about.',
      },
      replicas: { type: 'integer', format: 'int32', description: 'How many aggregators there are.' },
      readyReplicas: { type: 'integer', format: 'int32', description: 'How many of them are ready.' },
      selector: { type: 'string', description: 'The labels of the pods, for the scale subresource.' },
      lag: {
        type: 'integer',
        format: 'int64',
        description: 'Trades that wait in the input topic, all partitions together.',
      },
      watermarkDelay: {
        type: 'string',
        description: 'From the lowest watermark of all partitions to now, such as 6s.',
      },
      scaling: scalingSchema(),
      conditions: {
        type: 'array',
        description: 'Ready, TopicsReady, Progressing, ScalingActive and Degraded, each with what to do.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
        items: conditionSchema(),
      },
    },
  };
}

function scalingSchema(): object {
  const perSecond = (description: string) => ({ type: 'integer', format: 'int64', minimum: 0, description });
  return {
    type: 'object',
    description: 'The load, in rounded figures, and how many aggregators it asks for; with spec.scaling.',
    required: ['message'],
    properties: {
      desiredReplicas: {
        type: 'integer',
        format: 'int32',
        minimum: 1,
        description: 'How many aggregators the load asks for; missing while that is not known.',
      },
      currentReplicas: {
        type: 'integer',
        format: 'int32',
        minimum: 0,
        description: 'How many there were when it was measured.',
      },
      arrivalPerSecond: perSecond('Trades that arrive in a second.'),
      lag: { type: 'integer', format: 'int64', minimum: 0, description: 'Trades that wait.' },
      ratePerPod: perSecond('Trades that one aggregator was measured to fold in a second at most.'),
      message: {
        type: 'string',
        maxLength: 32_768,
        description: 'What the number follows from, or why there is none.',
      },
      measuredAt: {
        type: 'string',
        format: 'date-time',
        description: 'When; little changes are not written.',
      },
    },
  };
}

/** As metav1.Condition of Kubernetes has it. */
function conditionSchema(): object {
  return {
    type: 'object',
    required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
    properties: {
      type: { type: 'string', maxLength: 316, description: 'What the condition is about.' },
      status: { type: 'string', enum: ['True', 'False', 'Unknown'], description: 'Whether it holds.' },
      observedGeneration: {
        type: 'integer',
        format: 'int64',
        minimum: 0,
        description: 'The generation of the spec that it is about.',
      },
      lastTransitionTime: {
        type: 'string',
        format: 'date-time',
        description: 'When the status last changed.',
      },
      reason: {
        type: 'string',
        minLength: 1,
        maxLength: 1024,
        pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
        description: 'Why, in one word for programs.',
      },
      message: {
        type: 'string',
        maxLength: 32_768,
        description: 'Why, in words for people, and what to do.',
      },
    },
  };
}
