// Edits a Java properties file the way Pulsar needs it: a key that stands twice would become a list.

/** The text of a `.conf` with these keys set, each once. */
export const editConf = (text: string, settings: Readonly<Record<string, string | number | boolean>>): string => {
  const kept = text.split('\n').filter((line) => {
    const key = /^\s*([\w.]+)\s*=/.exec(line)?.[1];
    return key === undefined || !Object.hasOwn(settings, key);
  });
  const added = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return `${[...kept, ...added].join('\n')}\n`;
};
