// Without its addon, the native client's bus says what is missing and what to do; nothing else of Starquake needs it.
import { describe, expect, it } from 'vitest';
import { createNativePulsarBus } from '../../src/adapters/pulsar/native-bus.ts';
import { loadNativeModule } from '../../src/adapters/pulsar/native-client.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { findHint } from '../../src/protocol/errors.ts';

const access = { webUrl: 'http://127.0.0.1:1', brokerUrl: 'pulsar://127.0.0.1:1', tenant: 't', namespace: 'n' };
const options = { access, clock: systemClock, report: () => undefined };

describe('where the native client cannot be loaded', () => {
  it('making the bus says so, and what to do', async () => {
    const cause = new Error("Cannot find package 'pulsar-client'");
    const failure = await createNativePulsarBus(options, () => loadNativeModule(() => Promise.reject(cause))).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'PULSAR_CLIENT_MISSING', cause });
    expect(findHint({ code: 'PULSAR_CLIENT_MISSING' })).toContain('WebSocket adapter');
  });

  it('a package that is not what it should be is refused as well', async () => {
    const making = createNativePulsarBus(options, () => loadNativeModule(() => Promise.resolve({ default: { Client: 'none' } })));
    await expect(making).rejects.toMatchObject({ code: 'PULSAR_CLIENT_MISSING' });
  });
});
