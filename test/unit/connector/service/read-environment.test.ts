// Proves how the settings of a connector as a service are read, and what is said of those that cannot be.
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../../src/connector/service/read-environment.ts';
import { StarquakeError } from '../../../../src/protocol/starquake-error.ts';

const needed = {
  STARQUAKE_TABLE_PREFIX: 'starquake-main',
  STARQUAKE_BUCKET: 'values',
  STARQUAKE_REGISTRY: 'ssm:/starquake/main',
};

const catchError = (environment: Record<string, string | undefined>): StarquakeError => {
  try {
    readEnvironment(environment);
  } catch (error) {
    if (error instanceof StarquakeError) return error;
    throw error;
  }
  throw new Error('It was understood.');
};

describe('the environment of a connector', () => {
  it('needs little; the rest has a default', () => {
    expect(readEnvironment(needed)).toEqual({
      tablePrefix: 'starquake-main',
      bucket: 'values',
      bucketInPath: false,
      registry: { kind: 'ssm', path: '/starquake/main' },
      functionPrefix: '',
      healthHost: '0.0.0.0',
      healthPort: 9464,
      logLevel: 'info',
      traceShare: 1,
      connector: {},
    });
  });

  it('sets what the loops go by', () => {
    const { connector } = readEnvironment({
      ...needed,
      STARQUAKE_EPOCH: '3',
      STARQUAKE_FAILED_RETENTION: '60d',
      STARQUAKE_DRAIN_TIME: '10 s',
    });
    expect(connector).toEqual({ epoch: 3, failedRetentionMs: 60 * 86_400_000, drainMs: 10_000 });
  });

  it('takes a folder for a registry', () => {
    expect(readEnvironment({ ...needed, STARQUAKE_REGISTRY: 'file:/var/lib/manifests' }).registry).toEqual({
      kind: 'folder',
      folder: '/var/lib/manifests',
    });
  });

  it('takes a variable that is set to nothing as one that is not set', () => {
    expect(readEnvironment({ ...needed, STARQUAKE_LOG_LEVEL: '' }).logLevel).toBe('info');
  });

  it('names everything that is missing or cannot be understood, at once', () => {
    const error = catchError({ STARQUAKE_REGISTRY: 'redis:/x', STARQUAKE_HEALTH_PORT: 'many', STARQUAKE_DRAIN_TIME: 'soon' });
    expect(error.code).toBe('SETTINGS_INVALID');
    for (const variable of ['TABLE_PREFIX', 'BUCKET', 'REGISTRY', 'HEALTH_PORT', 'DRAIN_TIME'])
      expect(error.message).toContain(`STARQUAKE_${variable}`);
    expect(error.message).toContain('Write it as in ssm:/starquake/main');
  });

  it.each([
    ['STARQUAKE_EPOCH', '-1'],
    ['STARQUAKE_EPOCH', '1.5'],
    ['STARQUAKE_MEMORY_MB', '12'],
    ['STARQUAKE_LOG_LEVEL', 'loud'],
    ['OTEL_TRACES_SAMPLER_ARG', '2'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector'],
    ['STARQUAKE_COMPLETED_RETENTION', '3 fortnights'],
  ])('refuses %s = %s', (variable, value) => {
    expect(catchError({ ...needed, [variable]: value }).message).toContain(variable);
  });
});
