// Makes Date, Intl.DateTimeFormat and performance tell the time of the event being delivered (rule 8).
import { sandbox } from './sandbox-host.ts';

const readNow = (): number => sandbox.run?.now() ?? 0;

/** `performance`, as far as it tells the time. */
export const steadyPerformance = { now: readNow, timeOrigin: 0 };

/** Replaces the clocks of this realm. */
export const guardTime = (): void => {
  guardDate();
  guardDateTimeFormat();
  Object.defineProperty(globalThis, 'performance', { value: steadyPerformance, configurable: true, writable: true });
};

const guardDate = (): void => {
  const RealDate = globalThis.Date;
  const guarded = new Proxy(RealDate, {
    construct: (target, parameters, newTarget) => Reflect.construct(target, readParameters(RealDate, parameters), newTarget) as Date,
    apply: () => new RealDate(readNow()).toUTCString(),
  });
  RealDate.now = readNow;
  RealDate.prototype.constructor = guarded;
  useUtc(RealDate.prototype);
  globalThis.Date = guarded;
};

/** A text with a time and no zone, which Date would read in the zone of the machine. */
const ZONELESS = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/;

const readParameters = (RealDate: DateConstructor, parameters: readonly unknown[]): readonly unknown[] => {
  if (parameters.length === 0) return [readNow()];
  if (parameters.length > 1) return [Reflect.apply(RealDate.UTC, RealDate, parameters)];
  const [only] = parameters;
  return typeof only === 'string' && ZONELESS.test(only) ? [`${only}Z`] : parameters;
};

const PARTS = ['Date', 'Day', 'FullYear', 'Hours', 'Milliseconds', 'Minutes', 'Month', 'Seconds'];

/** The zone and the language of the machine are not the run's: local time is UTC, and texts are English unless said otherwise. */
const useUtc = (prototype: Date): void => {
  const define = (name: string, value: unknown): boolean =>
    Reflect.defineProperty(prototype, name, { value, configurable: true, writable: true });
  for (const part of PARTS) {
    for (const verb of ['get', 'set']) {
      const method: unknown = Reflect.get(prototype, `${verb}UTC${part}`);
      if (method !== undefined) define(`${verb}${part}`, method);
    }
  }
  define('getTimezoneOffset', () => 0);
  define('toString', function (this: Date) {
    return this.toUTCString();
  });
  for (const name of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'] as const) {
    const method = prototype[name];
    define(name, function (this: Date, locales?: Intl.LocalesArgument, options?: Intl.DateTimeFormatOptions) {
      return method.call(this, locales ?? 'en-US', { timeZone: 'UTC', ...options });
    });
  }
};

/** Formatting no date at all means formatting now. */
const guardDateTimeFormat = (): void => {
  const RealFormat = Intl.DateTimeFormat;
  const { prototype } = RealFormat;
  const { format, formatToParts } = Object.getOwnPropertyDescriptors(prototype);
  const withDefaults = ([locales, options]: readonly unknown[]): unknown[] => [locales ?? 'en-US', { timeZone: 'UTC', ...Object(options) }];
  const guarded = new Proxy(RealFormat, {
    construct: (target, parameters, newTarget) => Reflect.construct(target, withDefaults(parameters), newTarget) as Intl.DateTimeFormat,
    apply: (target, self, parameters): unknown => Reflect.apply(target, self, withDefaults(parameters)) as unknown,
  });
  Object.defineProperty(Intl, 'DateTimeFormat', { value: guarded, configurable: true, writable: true });
  prototype.constructor = guarded;
  Object.defineProperty(prototype, 'format', {
    ...format,
    get(this: Intl.DateTimeFormat) {
      const formatOne: unknown = format.get?.call(this);
      return (date?: Date | number): string =>
        typeof formatOne === 'function' ? String(Reflect.apply(formatOne, this, [date ?? readNow()])) : '';
    },
  });
  prototype.formatToParts = function (this: Intl.DateTimeFormat, date) {
    return formatToParts.value?.call(this, date ?? readNow()) ?? [];
  };
};
