// Faults of brokers, of the way to them, of their clocks and settings: each is found by its check, with a fix.
import { describe } from 'vitest';
import { makePulsar, NOW } from '../../../support/doctor/healthy-parts.ts';
import { expectFound, plant, pulsar, reject, type Planted } from '../../../support/doctor/plant.ts';
import type { PulsarPart } from '../../../../src/cli/doctor/doctor-parts.ts';

const SETTINGS = await makePulsar().readSettings('', []);
const setTo = (key: string, value: string): Partial<PulsarPart> => ({ readSettings: () => Promise.resolve({ ...SETTINGS, [key]: value }) });
const withNative = { place: { ...makePulsar().place, adapter: 'native' as const } };

const planted: readonly Planted[] = [
  plant('a broker that is away', pulsar({ reach: reject('BUS_UNREACHABLE') }), 'broker', 'wrong', /does not/, /pulsar up/),
  plant('a broker that does not answer', pulsar({ reach: reject('CALL_TIMED_OUT') }), 'broker', 'wrong', /does not/, /correct the address/),
  plant(
    'another web server',
    pulsar({ ask: () => Promise.resolve({ status: 404, version: '', servedAt: NOW }) }),
    'broker',
    'wrong',
    /no Pulsar/,
    /address/,
  ),
  plant('an ill broker', pulsar({ readHealth: reject('STORE_FAILED', 'Pulsar answered 500.') }), 'health', 'wrong', /500/, /bookies/),
  plant(
    'credentials that are refused',
    pulsar({ hasNamespace: reject('BUS_REFUSED', 'It answered 401.') }),
    'credentials',
    'wrong',
    /401/,
    /--token-file/,
  ),
  plant(
    'a token that cannot be read',
    pulsar({ reach: reject('SETTINGS_INVALID', 'No token.') }),
    'credentials',
    'wrong',
    /No token/,
    /Correct/,
  ),
  plant(
    'no WebSocket service',
    pulsar({ offersWebSocket: () => Promise.resolve(false) }),
    'websocket',
    'wrong',
    /off/,
    /webSocketServiceEnabled=true/,
  ),
  plant(
    'a closed binary port',
    pulsar({ ...withNative, connect: () => Promise.reject(new Error('ECONNREFUSED')) }),
    'binary port',
    'wrong',
    /pulsar:6650 .*ECONNREFUSED/,
    /WebSocket adapter/,
  ),
  plant(
    'no native client',
    pulsar({ ...withNative, loadNativeClient: reject('PULSAR_CLIENT_MISSING') }),
    'binary port',
    'wrong',
    /not/,
    /Install/,
  ),
  plant(
    'a clock that is 4 s behind',
    pulsar({ ask: () => Promise.resolve({ status: 200, version: '4.0.8', servedAt: NOW - 4000 }) }),
    'clocks',
    'warning',
    /3\.0 s behind/,
    /chrony/,
  ),
  plant(
    'a clock that is a minute ahead',
    pulsar({ ask: () => Promise.resolve({ status: 200, version: '4.0.8', servedAt: NOW + 60_000 }) }),
    'clocks',
    'wrong',
    /60\.0 s ahead/,
    /chrony/,
  ),
  plant(
    'slow reads',
    pulsar(setTo('managedLedgerNewEntriesCheckDelayInMillis', '10')),
    'settings',
    'warning',
    /is 10, not 0/,
    /NewEntriesCheckDelayInMillis=0/,
  ),
  plant('small texts', pulsar(setTo('webSocketMaxTextFrameSize', '1048576')), 'settings', 'warning', /1048576/, /MaxTextFrameSize=8388608/),
  plant(
    'sessions that are never pinged',
    pulsar(setTo('webSocketPingDurationSeconds', '-1')),
    'settings',
    'wrong',
    /is -1, not 20/,
    /webSocketPingDurationSeconds=20/,
  ),
  plant(
    'pings that keep idle sessions',
    pulsar(setTo('webSocketPingDurationSeconds', '10')),
    'settings',
    'wrong',
    /is 10, not 20/,
    /webSocketPingDurationSeconds=20/,
  ),
  plant(
    'a long hand-over',
    pulsar(setTo('activeConsumerFailoverDelayTimeMillis', '5000')),
    'settings',
    'warning',
    /5000/,
    /TimeMillis=100/,
  ),
  plant(
    'no delays',
    pulsar(setTo('delayedDeliveryEnabled', 'false')),
    'settings',
    'wrong',
    /false, not true/,
    /delayedDeliveryEnabled=true/,
  ),
  plant(
    'a queue that is not read while its timers grow',
    pulsar(setTo('delayedDeliveryFixedDelayDetectionLookahead', '50000')),
    'settings',
    'wrong',
    /50000, not 0/,
    /Lookahead=0/,
  ),
  plant(
    'subscriptions that expire',
    pulsar(setTo('subscriptionExpirationTimeMinutes', '60')),
    'settings',
    'wrong',
    /60, not 0/,
    /Minutes=0/,
  ),
];

describe('the doctor, of brokers', () => {
  expectFound(planted);
});
