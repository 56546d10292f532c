// Whose a run is: its data is sealed under that tenant's key, where keys are kept.

/** Tenant of the runs whose ids name none. */
export const MAIN_TENANT = 'main';

const LONGEST_TENANT = 100;

/**
 * The tenant that a run id names before its first tilde; `main` where it names none.
 *
 * A tenant is part of the id because everything that travels names its run: no message, timer or value has to ask whose it is.
 *
 * @example
 * findTenant('acme~trip-1'); // 'acme', and so is its child 'acme~trip-1:1.3'
 * findTenant('trip-1'); // 'main'
 */
export const findTenant = (run: string): string => {
  const end = run.indexOf('~');
  return end > 0 && end <= LONGEST_TENANT ? run.slice(0, end) : MAIN_TENANT;
};
