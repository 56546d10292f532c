// `starquake keys erase`: makes everything of a tenant unreadable, wherever it lies.
import type { Command } from 'commander';
import { KEYS_PLACE_FORM, parseKeysPlace, type KeysPlace } from '../connector/service/keys-place.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { KeyringPlace } from './compose.ts';
import { answer, type GlobalOptions } from './terminal/answer.ts';
import type { Terminal } from './terminal/terminal.ts';

interface EraseOptions extends GlobalOptions {
  readonly keys: string;
  readonly tablePrefix?: string;
  readonly yes?: boolean;
}

const TIMEOUT_MS = 30_000;

const place = (keys: KeysPlace, tablePrefix: string | undefined): KeyringPlace => {
  if (keys.kind === 'folder') return keys;
  if (tablePrefix !== undefined) return { ...keys, tablePrefix };
  throw new StarquakeError('SETTINGS_INVALID', 'Keys of KMS lie in a table, and none is named.', {
    hint: 'Give --table-prefix, as the connectors have it in STARQUAKE_TABLE_PREFIX.',
  });
};

/** Adds `keys`. */
export const addKeysCommands = (program: Command, terminal: Terminal): void => {
  const keys = program
    .command('keys')
    .summary('look after the keys of tenants')
    .description('Looks after the data keys of tenants, under which everything is sealed that is kept and sent.');
  keys
    .command('erase')
    .summary('make everything of a tenant unreadable, for good')
    .description(
      'Erases the data key of a tenant: its messages, histories, timers, large values and archives can be read by nobody from then on. Its runs end where they are; a running connector forgets the key within a minute.',
    )
    .argument('<tenant>', 'what its run ids begin with, before the tilde')
    .requiredOption('--keys <place>', `where the keys are, as in ${KEYS_PLACE_FORM}`)
    .option('--table-prefix <prefix>', 'with kms: what the tables begin with')
    .option('--yes', 'it cannot be undone, and that is meant')
    .action(async (tenant: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<EraseOptions>();
      const where = place(parseKeysPlace(options.keys), options.tablePrefix);
      if (options.yes !== true)
        throw new StarquakeError('REQUEST_INVALID', `Erasing "${tenant}" cannot be undone.`, { hint: 'Say --yes if that is meant.' });
      const { openKeys } = await import('./compose.ts');
      const { keyring, close } = openKeys(where);
      try {
        await keyring.eraseKey(tenant, { timeoutMs: TIMEOUT_MS });
      } finally {
        close();
      }
      answer(terminal, options, { tenant, erased: true }, () => `The key of "${tenant}" is erased.`);
    });
};
