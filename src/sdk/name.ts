// Names of apps, workflows, jobs, signals and schedules: kebab-case, because they become topics, functions and URLs.
import { StarquakeError } from '../protocol/starquake-error.ts';

/** @throws APP_INVALID */
export const checkName = (what: string, name: string): void => {
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && name.length <= 60) return;
  throw new StarquakeError(
    'APP_INVALID',
    `"${name}" cannot be the name of a ${what}: use at most 60 lower-case letters, digits and single hyphens, as in "book-flight".`,
  );
};
