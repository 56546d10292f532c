// Faults of functions, of the data folder, of the API and of checks themselves: each is found, with a fix.
import { describe, expect, it } from 'vitest';
import type { DoctorParts } from '../../../../src/cli/doctor/doctor-parts.ts';
import { checks } from '../../../../src/cli/doctor/list-checks.ts';
import { runChecks } from '../../../../src/cli/doctor/run-checks.ts';
import { makeParts } from '../../../support/doctor/healthy-parts.ts';
import { expectFound, plant, pulsar, reject, type Planted } from '../../../support/doctor/plant.ts';

const healthy = await makeParts().data.read();
const data = (differing: object): Partial<DoctorParts> => ({
  data: { folder: 'data', read: () => Promise.resolve({ ...healthy, ...differing }) },
});

const planted: readonly Planted[] = [
  plant(
    'an app that does not bundle',
    { listApps: () => Promise.resolve([{ entry: 'shop.ts', code: 'BUNDLE_FAILED', message: 'Line 3.', hint: 'Correct it.' }]) },
    'functions',
    'wrong',
    /shop\.ts: Line 3/,
    /Correct it/,
  ),
  plant(
    'a function that crashes',
    {
      functions: {
        invoke: async (name, payload, options) => {
          const { report } = await makeParts().functions.invoke(name, payload, options);
          const failure = { code: 'FUNCTION_CRASHED', name: 'Error', message: 'No module.' };
          return { kind: 'failed', failure, retryable: true, report };
        },
      },
    },
    'functions',
    'wrong',
    /FUNCTION_CRASHED: No module/,
    /log of the function/,
  ),
  plant(
    'a function that answers nonsense',
    { functions: { invoke: async (...call) => ({ ...(await makeParts().functions.invoke(...call)), kind: 'answered', payload: 'ok' }) } },
    'functions',
    'wrong',
    /something else/,
    /Deploy it anew/,
  ),
  plant(
    'files of another user',
    data({ closed: ['data/journal/1', 'data/a', 'data/b', 'data/c'] }),
    'data',
    'wrong',
    /data\/journal\/1.* and 1 more/,
    /chown/,
  ),
  plant('a full disk', data({ freeBytes: 1000 }), 'data', 'wrong', /1000 B of 100 GiB/, /Make room/),
  plant('a disk that is nearly full', data({ freeBytes: 1024 ** 3 }), 'data', 'warning', /1 GiB/, /Make room/),
  plant(
    'an engine whose API hangs',
    {
      ...data({ holder: 'It is used by process 7.' }),
      api: { url: 'http://127.0.0.1:4400', check: reject('CONNECTION_FAILED', 'Nobody answers.') },
    },
    'api',
    'warning',
    /Nobody answers\. It is used by process 7/,
    /--url http:\/\/127\.0\.0\.1:<port>/,
  ),
  plant(
    'a check that throws',
    pulsar({ readStorage: () => Promise.reject(new TypeError('It is undefined.')) }),
    'dead letters',
    'wrong',
    /TypeError/,
    /Report/,
  ),
];

describe('the doctor', () => {
  expectFound(planted);

  it('finds nothing wrong, and warns of nothing, where all is well', async () => {
    const results = await runChecks(checks, makeParts());
    expect(results.flatMap(({ findings }) => findings.filter(({ level }) => level === 'wrong' || level === 'warning'))).toEqual([]);
  });

  it('tells of a broker that is away once, and of all that needs it that it was not looked at', async () => {
    const results = await runChecks(checks, makeParts(pulsar({ reach: reject('BUS_UNREACHABLE') })));
    expect(results.filter(({ level }) => level === 'wrong').map(({ name }) => name)).toEqual(['broker']);
    const skipped = { level: 'skipped', what: expect.stringContaining('see "broker"') };
    expect(results.find(({ name }) => name === 'topics')?.findings).toMatchObject([skipped]);
  });

  it('looks at what is here where no Pulsar was named', async () => {
    const results = await runChecks(checks, makeParts({ pulsar: undefined }));
    expect(results.filter(({ level }) => level === 'ok').map(({ name }) => name)).toEqual(['functions', 'data', 'api']);
    expect(results.filter(({ level }) => level === 'skipped')).toHaveLength(checks.length - 3);
  });

  it('says what these credentials may not look at, and looks at the rest', async () => {
    const results = await runChecks(checks, makeParts(pulsar({ readSettings: reject('BUS_REFUSED'), listBrokers: reject('BUS_REFUSED') })));
    expect(results.filter(({ level }) => level === 'wrong')).toEqual([]);
    expect(results.filter(({ level }) => level === 'skipped').map(({ name }) => name)).toEqual(['binary port', 'settings', 'offload']);
  });

  it('ends in time, whatever hangs', async () => {
    const hanging = makeParts(pulsar({ readStorage: () => new Promise(() => undefined) }));
    const results = await runChecks(checks, hanging, 50);
    expect(results.filter(({ level }) => level === 'wrong').map(({ name, findings }) => [name, findings[0]?.code])).toEqual([
      ['dead letters', 'CALL_TIMED_OUT'],
      ['offload', 'CALL_TIMED_OUT'],
    ]);
  });
});
