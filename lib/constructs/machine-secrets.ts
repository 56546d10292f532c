// The keys of a platform: made and renewed by its first machine, kept in Secrets Manager, read by who needs them.
import { RemovalPolicy } from 'aws-cdk-lib';
import { Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** The secrets of a platform. */
export interface MachineSecrets {
  /**
   * The key of the authority and the key that signs tokens: the first machine's alone, since each machine has a role of its own. On `dev` and
   * `small` a connector is on it too, and acts with that role.
   */
  readonly authority: ISecret;
  /** The certificate of the machines, its key, and the authority to trust. */
  readonly tls: ISecret;
  /** What checks tokens, and the tokens of brokers, proxies and the administrator. */
  readonly tokens: ISecret;
  /** The token of connectors, and the authority to trust. */
  readonly connector: ISecret;
}

/** Makes the secrets, still without keys: nothing that signs is ever in a template. */
export const createSecrets = (scope: Construct, name: string, encryptionKey: IKey): MachineSecrets => {
  const create = (id: string, description: string): ISecret => {
    const secret = new Secret(scope, `Secret-${id}`, {
      secretName: `${name}/${id}`,
      description,
      encryptionKey,
      // A mark that says that there is nothing yet; the first machine puts the keys in its place.
      generateSecretString: { secretStringTemplate: '{}', generateStringKey: 'none' },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const reason = 'Renewed every week by the runbook `renew-keys`, which runs where the signing key may be read; no function has it';
    acknowledge(secret, [
      ['AwsSolutions-SMG4', reason],
      ['NIST.800.53.R5-SecretsManagerRotationEnabled', reason],
    ]);
    // The class says `encryptionKey: IKey | undefined`, its interface `encryptionKey?: IKey`: the same, but not to a strict compiler.
    return secret as ISecret;
  };
  return {
    authority: create('authority', 'Keys of the authority and of tokens'),
    tls: create('tls', 'Certificate of the machines'),
    tokens: create('tokens', 'Tokens of brokers and of the administrator'),
    connector: create('connector', 'Token of connectors'),
  };
};
