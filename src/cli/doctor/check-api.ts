// Checks that the API of an engine answers, where one runs.
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { ok, skipped, warning, type Check, type Finding } from './finding.ts';

/** What an API that does not answer means: nothing, unless an engine runs here. */
export const judgeSilence = (url: string, error: StarquakeError, holder: string | undefined): Finding => {
  if (holder === undefined)
    return skipped(`No engine runs here: ${error.message}`, `Start one (starquake dev), or say where one is with --url.`);
  return {
    ...warning(
      `${error.message} ${holder}`,
      'An engine runs on the data folder, and its API is somewhere else or does not answer.',
      `See which port it said when it started, and name it: --url ${url.replace(/:\d+$/, '')}:<port>. If it is that one, the process hangs: end it, and its runs go on when it is started again.`,
    ),
    code: error.code,
  };
};

/** The API at `--url`. */
export const apiCheck: Check = {
  name: 'api',
  run: async ({ api, data }) => {
    try {
      await api.check();
      return [ok(`${api.url} answers.`)];
    } catch (error) {
      if (!(error instanceof StarquakeError)) throw error;
      return [judgeSilence(api.url, error, (await data.read()).holder)];
    }
  },
};
