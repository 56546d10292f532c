// Lets an editor check the settings file while it is written.
import type { SettingsInput } from './settings.ts';

/**
 * Types the settings of `starquake.config.ts`; they are checked when they are read.
 *
 * @example
 * export default defineSettings({ name: 'orders', size: 'small', region: 'eu-west-1' });
 */
export const defineSettings = (input: SettingsInput): SettingsInput => input;
