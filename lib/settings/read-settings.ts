// Checks what an operator wrote, and says all that is wrong with it at once.
import { StarquakeError } from '../../src/protocol/starquake-error.ts';
import { settingsSchema, type Settings } from './settings.ts';

/** What the command line says over the file. */
export interface SettingsOverride {
  readonly size?: string;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads settings.
 *
 * @param value - what the settings file exports; undefined when there is none
 * @param override - what the command line says, which goes first
 * @throws SETTINGS_INVALID with every problem and the place of each
 * @example
 * readSettings({ name: 'orders' }, { size: 'small' }).size; // 'small'
 */
export const readSettings = (value: unknown, override: SettingsOverride = {}): Settings => {
  const written = value === undefined ? {} : value;
  const parsed = settingsSchema.safeParse(isObject(written) && override.size !== undefined ? { ...written, size: override.size } : written);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.length > 0 ? path.join('.') : 'the file'}: ${message}`);
  throw new StarquakeError('SETTINGS_INVALID', `The settings of the platform cannot be used:\n${problems.join('\n')}`, {
    hint: 'Correct starquake.config.ts, or what the command line gives; docs/deploy.md explains every setting.',
    cause: parsed.error,
  });
};
