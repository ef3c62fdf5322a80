import { TidemarkError } from '../pipeline/error.ts';

/**
 * Tokens for Amazon MSK with IAM: a signed URL of the role that AWS gives the pod (its environment, IRSA, EKS Pod
 * Identity, the instance). Loaded when it is first needed: the AWS client is larger than all the rest.
 * The function rejects with a TidemarkError, KAFKA_TOKEN_REFUSED.
 */
export function mskTokens(region: string): () => Promise<string> {
  return async () => {
    const { default: signer } = await import('aws-msk-iam-sasl-signer-js'); // as a bundle has it: by default alone
    try {
      const { token } = await signer.generateAuthToken({ region });
      return token;
    } catch (error) {
      throw new TidemarkError(
        'KAFKA_TOKEN_REFUSED',
        `AWS gave this process no login for Kafka in ${region}: ${firstSentence(error)}.`,
        'Give the pod a role (IRSA or EKS Pod Identity) that allows kafka-cluster:Connect and the rest of docs/security.md.',
      );
    }
  };
}

function firstSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split(/[.\n]/, 1)[0];
}
