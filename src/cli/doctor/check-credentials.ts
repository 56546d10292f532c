// Checks that Pulsar takes the credentials, and that they suffice for the namespace.
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { explainError } from './explain-error.ts';
import { ok, type Finding } from './finding.ts';
import { checkOfReaching } from './pulsar-check.ts';

/** Whether the namespace may be read. */
export const credentialsCheck = checkOfReaching('credentials', async (pulsar) => {
  const { tenant, namespace } = pulsar.place;
  try {
    await pulsar.reach();
    const exists = await pulsar.hasNamespace();
    return [ok(`They are accepted${exists ? ` and may look at ${tenant}/${namespace}` : ', and the namespace can be looked for'}.`)];
  } catch (error) {
    return [judgeRefusal(error, `${tenant}/${namespace}`)];
  }
});

/** What a failed look at the policies says of the credentials. */
export const judgeRefusal = (error: unknown, namespace: string): Finding => {
  if (!(error instanceof StarquakeError)) throw error;
  if (error.code === 'BUS_REFUSED') {
    return {
      ...explainError(error),
      why: `Pulsar does not know who this is, or does not let it administer ${namespace}: its topics can be neither made nor read.`,
      fix: 'Give a token that is valid now with --token-file (or a certificate with --tls-cert-file and --tls-key-file) of a role that is an admin of the tenant.',
    };
  }
  if (error.code === 'SETTINGS_INVALID') return explainError(error);
  return { level: 'skipped', what: `They could not be tried: ${error.message}` };
};
