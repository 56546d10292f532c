// Writes Java properties files: every setting once, with the reason that it is there for.
import { StarquakeError } from '../../src/protocol/starquake-error.ts';
import type { SettingValue, WantedSetting } from '../../src/platform/broker-settings.ts';

/** Settings that belong together. */
export interface ConfSection {
  /** For whoever reads the file on a node; several lines of text are several of the file. */
  readonly about?: string;
  readonly settings: Readonly<Record<string, SettingValue>>;
}

const writeSection = ({ about, settings }: ConfSection): string => {
  const comment = about === undefined ? [] : about.split('\n').map((line) => `# ${line}`);
  return [...comment, ...Object.entries(settings).map(([key, value]) => `${key}=${value}`)].join('\n');
};

/** What the engine wants, each setting with what happens otherwise. */
export const listWanted = (settings: readonly WantedSetting[]): readonly ConfSection[] =>
  settings.map(({ key, value, why }) => ({ about: `Otherwise: ${why}`, settings: { [key]: value } }));

/**
 * The text of a `.conf` file.
 *
 * @param title - what the file is for
 * @throws SETTINGS_INVALID for a key that stands twice: it would be read as a list
 */
export const writeConf = (title: string, sections: readonly ConfSection[]): string => {
  const keys = sections.flatMap(({ settings }) => Object.keys(settings));
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined) throw new StarquakeError('SETTINGS_INVALID', `The setting ${twice} stands twice in ${title}.`);
  const filled = sections.filter(({ settings }) => Object.keys(settings).length > 0);
  return `# ${title}. Rendered with the platform: a change on the node is lost with it.\n\n${filled.map(writeSection).join('\n\n')}\n`;
};
