import * as z from 'zod';

/** `[{ name: registry }]`, as a pod has it: Secrets with which nodes log in to the registry of an image. */
export const imagePullSecrets = z.array(z.strictObject({ name: z.string().min(1) }));

export type ImagePullSecrets = z.output<typeof imagePullSecrets>;

/** Reads TIDEMARK_IMAGE_PULL_SECRETS: those of the operator's image, which is the aggregators' too. Throws as `readAggregatorSettings`. */
export function readImagePullSecrets(text: string | undefined): ImagePullSecrets {
  return imagePullSecrets.parse(JSON.parse(text ?? '[]'));
}
