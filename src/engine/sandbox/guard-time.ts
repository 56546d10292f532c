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
    construct: (target, parameters, newTarget) =>
      Reflect.construct(target, parameters.length === 0 ? [readNow()] : parameters, newTarget) as Date,
    apply: () => new RealDate(readNow()).toString(),
  });
  RealDate.now = readNow;
  RealDate.prototype.constructor = guarded;
  globalThis.Date = guarded;
};

/** Formatting no date at all means formatting now. */
const guardDateTimeFormat = (): void => {
  const { prototype } = Intl.DateTimeFormat;
  const { format, formatToParts } = Object.getOwnPropertyDescriptors(prototype);
  Object.defineProperty(prototype, 'format', {
    ...format,
    get(this: Intl.DateTimeFormat) {
      const formatOne = format.get?.call(this);
      return (date?: Date | number) => formatOne?.(date ?? readNow());
    },
  });
  prototype.formatToParts = function (this: Intl.DateTimeFormat, date) {
    return formatToParts.value?.call(this, date ?? readNow()) ?? [];
  };
};
