// Makes a key in the stand-in for KMS, as the deployment makes the real one.
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { AwsPlace } from '../../../src/adapters/aws-calls/client-settings.ts';
import { makeClientSettings } from '../../../src/adapters/aws-calls/client-settings.ts';

/** @returns its id */
export const makeKmsKey = async (place: AwsPlace): Promise<string> => {
  const client = new KMSClient(makeClientSettings(place));
  try {
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
    if (KeyMetadata?.KeyId === undefined) throw new Error('The stand-in for KMS made no key.');
    return KeyMetadata.KeyId;
  } finally {
    client.destroy();
  }
};
