// Checks what the brokers are set to, where the engine is wrong or slow with something else.
import { watchedSettings, type WatchedSetting } from '../../platform/broker-settings.ts';
import type { PulsarPlace } from './doctor-parts.ts';
import { ok, type Finding } from './finding.ts';
import { listReachableBrokers } from './list-reachable-brokers.ts';
import { checkOfPulsar } from './pulsar-check.ts';

/** Whether a value, as a broker tells it, will do. */
const isFine = ({ value, tolerance }: WatchedSetting, told: string): boolean => {
  if (tolerance === undefined) return told === String(value);
  if ('orNone' in tolerance) return Number(told) <= 0 || Number(told) >= tolerance.orNone.atLeast;
  if ('between' in tolerance) return Number(told) >= tolerance.between[0] && Number(told) <= tolerance.between[1];
  return 'atMost' in tolerance ? Number(told) <= tolerance.atMost : Number(told) >= tolerance.atLeast;
};

/** What is asked for. */
const SETTING_KEYS: readonly string[] = watchedSettings.map(({ key }) => key);

/** What a broker's settings mean to the engine; one that is not told is taken for granted. */
export const judgeSettings = (
  where: string,
  settings: Readonly<Record<string, string>>,
  { adapter }: Pick<PulsarPlace, 'adapter'>,
): readonly Finding[] => {
  const relevant = watchedSettings.filter((setting) => setting.adapter === undefined || setting.adapter === adapter);
  const findings = relevant.flatMap((setting): readonly Finding[] => {
    const { key, value: wanted, isVital, why } = setting;
    const told = settings[key];
    if (told === undefined || isFine(setting, told)) return [];
    const fix = `Set ${key}=${wanted} in the conf file of the broker and restart it.`;
    return [{ level: isVital ? 'wrong' : 'warning', what: `${where}: ${key} is ${told}, not ${wanted}.`, why, fix }];
  });
  if (findings.length > 0) return findings;
  const told = relevant.filter(({ key }) => settings[key] !== undefined).length;
  return [ok(`${where}: ${told} settings that matter are as they should be.`)];
};

/** The settings of each broker. */
export const settingsCheck = checkOfPulsar('settings', async (pulsar) => {
  const { reached, notReached } = await listReachableBrokers(pulsar);
  const read = async (webUrl: string): Promise<readonly Finding[]> =>
    judgeSettings(webUrl, await pulsar.readSettings(webUrl, SETTING_KEYS), pulsar.place);
  return [...(await Promise.all(reached.map(read))).flat(), ...notReached];
});
