// The options of every command that speaks to a Pulsar: a flag for each setting, which the environment may give instead.
import { Option, type Command } from 'commander';
import {
  collectPulsarVariables,
  parsePulsarSettings,
  pulsarSettingNames,
  pulsarVariables,
  type PulsarSettingName,
  type PulsarSettings,
} from '../../connector/service/pulsar-settings.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** A Pulsar, and how it is spoken to. */
export type PulsarOptions = PulsarSettings;

/** The flag of each setting, and what it takes. */
const flags: Readonly<Record<PulsarSettingName, string>> = {
  pulsar: '--pulsar <url>',
  namespace: '--namespace <tenant/namespace>',
  tokenFile: '--token-file <file>',
  tlsCaFile: '--tls-ca-file <file>',
  tlsCertFile: '--tls-cert-file <file>',
  tlsKeyFile: '--tls-key-file <file>',
  inboxPartitions: '--inbox-partitions <number>',
  offloadThreshold: '--offload-threshold <size>',
  backlogLimit: '--backlog-limit <size>',
  pulsarAdapter: '--pulsar-adapter <adapter>',
  pulsarBroker: '--pulsar-broker <url>',
};

/** Of no use to commands that exchange no messages. */
const ofClients: readonly PulsarSettingName[] = ['pulsarAdapter', 'pulsarBroker'];

/** Adds the options to a command. */
export const addPulsarOptions = (command: Command, { withClient = false } = {}): Command => {
  for (const name of pulsarSettingNames) {
    const { what, variable } = pulsarVariables[name];
    if (withClient || !ofClients.includes(name)) command.addOption(new Option(flags[name], `${what} (or ${variable})`));
  }
  return command;
};

const describe = (name: PulsarSettingName): string => `${flags[name].split(' ')[0]} (or ${pulsarVariables[name].variable})`;

/**
 * Reads the options; undefined where no Pulsar is named.
 *
 * @param typed - what was typed, as the command line has it
 * @throws SETTINGS_INVALID
 */
export const readPulsarOptions = (typed: object, { environment = {} }: Pick<Terminal, 'environment'>): PulsarOptions | undefined => {
  const given = new Map(Object.entries(typed));
  const variables = collectPulsarVariables(environment);
  const values = Object.fromEntries(pulsarSettingNames.map((name) => [name, given.get(name) ?? variables[name]]));
  return parsePulsarSettings(values, describe);
};

/**
 * Reads the options of a command that has nothing to do without a Pulsar.
 *
 * @throws SETTINGS_INVALID
 */
export const requirePulsarOptions = (typed: object, outside: Pick<Terminal, 'environment'>): PulsarOptions => {
  const options = readPulsarOptions(typed, outside);
  if (options !== undefined) return options;
  throw new StarquakeError('SETTINGS_INVALID', 'No Pulsar is named.', {
    hint: 'Give --pulsar http://127.0.0.1:8080, or set STARQUAKE_PULSAR_URL; `starquake pulsar up` brings one up there.',
  });
};
