// Reads a connector's own metrics from its health port.

/** Values by name and labels, as Prometheus writes them. */
export type Metrics = ReadonlyMap<string, number>;

/** Reads all metrics. @param health - URL of the health port */
export const readMetrics = async (health: string): Promise<Metrics> => {
  const text = await (await fetch(`${health}/metrics`, { signal: AbortSignal.timeout(10_000) })).text();
  const lines = [...text.matchAll(/^([a-z_]+(?:\{[^}]*\})?) ([-0-9.e+]+)/gm)];
  return new Map(lines.map(([, name = '', value]) => [name, Number(value)]));
};

/** What grew between two readings, by the value of one label, of one metric with the other labels given. */
export const subtractByLabel = (after: Metrics, before: Metrics, metric: string, label: string, mustHave = ''): Record<string, number> => {
  const grown: Record<string, number> = {};
  for (const [name, value] of after) {
    if (!name.startsWith(`${metric}{`) || !name.includes(mustHave)) continue;
    const key = new RegExp(`${label}="([^"]*)"`).exec(name)?.[1] ?? '';
    const growth = value - (before.get(name) ?? 0);
    if (growth > 0) grown[key] = (grown[key] ?? 0) + growth;
  }
  return grown;
};
