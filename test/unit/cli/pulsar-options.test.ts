// The options about a Pulsar are understood, from flags and from the environment, or it is said which is not.
import { describe, expect, it } from 'vitest';
import { readPulsarOptions, requirePulsarOptions } from '../../../src/cli/options/pulsar-options.ts';

const pulsar = 'http://127.0.0.1:8080';
const refusal = (given: object): unknown => {
  try {
    return readPulsarOptions({ pulsar, ...given }, {});
  } catch (error) {
    return error;
  }
};

describe('options about a Pulsar', () => {
  it('are none where none is named, and have defaults where one is', () => {
    expect(readPulsarOptions({}, {})).toBeUndefined();
    expect(readPulsarOptions({ pulsar: `${pulsar}/` }, {})).toEqual({
      access: { webUrl: pulsar, tenant: 'starquake', namespace: 'main' },
      inboxPartitions: 64,
    });
  });

  it('are all understood', () => {
    const given = {
      pulsar: 'https://pulsar.example:8443',
      namespace: 'acme/shop',
      tokenFile: 'token',
      tlsCaFile: 'ca.pem',
      tlsCertFile: 'cert.pem',
      tlsKeyFile: 'key.pem',
      inboxPartitions: '16',
      offloadThreshold: '10GiB',
      backlogLimit: '500',
      pulsarAdapter: 'websocket',
      pulsarBroker: 'pulsar+ssl://pulsar.example:6651',
      other: 'left alone',
    };
    expect(readPulsarOptions(given, {})).toEqual({
      access: {
        webUrl: 'https://pulsar.example:8443',
        tenant: 'acme',
        namespace: 'shop',
        tokenFile: 'token',
        tls: { caFile: 'ca.pem', certFile: 'cert.pem', keyFile: 'key.pem' },
      },
      inboxPartitions: 16,
      offloadThresholdBytes: 10 * 1024 ** 3,
      backlogLimitBytes: 500,
      adapter: 'websocket',
      brokerUrl: 'pulsar+ssl://pulsar.example:6651',
    });
    expect(readPulsarOptions({ pulsar, offloadThreshold: 'off' }, {})).toMatchObject({ offloadThresholdBytes: -1 });
  });

  it('come from the environment where no flag is given, and an empty variable says nothing', () => {
    const environment = {
      STARQUAKE_PULSAR_URL: pulsar,
      STARQUAKE_PULSAR_NAMESPACE: 'acme/shop',
      STARQUAKE_INBOX_PARTITIONS: '8',
      STARQUAKE_PULSAR_TOKEN_FILE: '',
    };
    expect(readPulsarOptions({ inboxPartitions: '4' }, { environment })).toEqual({
      access: { webUrl: pulsar, tenant: 'acme', namespace: 'shop' },
      inboxPartitions: 4,
    });
  });

  it.each([
    [{ pulsar: 'pulsar://127.0.0.1:6650' }, '--pulsar (or STARQUAKE_PULSAR_URL)'],
    [{ namespace: 'main' }, '--namespace'],
    [{ inboxPartitions: 'many' }, '--inbox-partitions'],
    [{ inboxPartitions: '0' }, '--inbox-partitions'],
    [{ offloadThreshold: '10 GB' }, '--offload-threshold'],
    [{ backlogLimit: '-1' }, '--backlog-limit'],
    [{ pulsarAdapter: 'pigeon' }, '--pulsar-adapter'],
    [{ pulsarBroker: pulsar }, '--pulsar-broker'],
    [{ tlsCertFile: 'cert.pem' }, 'certificate and its key'],
  ])('%j is not understood, and it is said which', (given, what) => {
    expect(refusal(given)).toMatchObject({ code: 'SETTINGS_INVALID', message: expect.stringContaining(what), hint: expect.any(String) });
  });

  it('are demanded by commands that need a Pulsar', () => {
    expect(() => requirePulsarOptions({}, {})).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID' }));
  });
});
