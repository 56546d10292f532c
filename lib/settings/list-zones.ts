// Says in which zones machines are, without asking AWS.
import type { Settings } from './settings.ts';

/** The three zones of a platform. @example listZones(readSettings({ region: 'eu-west-1' })); // ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'] */
export const listZones = ({ availabilityZones, region }: Pick<Settings, 'availabilityZones' | 'region'>): readonly string[] =>
  availabilityZones ?? ['a', 'b', 'c'].map((letter) => `${region}${letter}`);
