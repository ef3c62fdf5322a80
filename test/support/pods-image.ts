/** The image that tests run as pods. Throws where the environment names none. */
export function podsImage(): string {
  const { TIDEMARK_E2E_IMAGE: image } = process.env;
  if (image) return image;
  throw new Error(
    'These tests run pods: set TIDEMARK_E2E_IMAGE to an image of this checkout that the nodes have.',
  );
}
