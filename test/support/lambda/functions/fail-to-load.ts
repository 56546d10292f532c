// A function whose module throws when it is loaded.
const load = (): (() => undefined) => {
  throw new RangeError('this module cannot be loaded');
};

export const handler = load();
