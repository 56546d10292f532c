// The one table from error codes to HTTP statuses.
import type { ErrorCode } from '../protocol/errors.ts';

/** Statuses that a refusal can have. */
export type ErrorStatus = 400 | 404 | 409 | 410 | 413 | 422 | 429 | 500 | 503 | 504;

const statuses: Partial<Record<ErrorCode, ErrorStatus>> = {
  REQUEST_INVALID: 400,
  CALENDAR_RULE_INVALID: 400,
  DURATION_INVALID: 400,
  SCHEDULE_INVALID: 400,
  OUTPUT_NOT_JSON: 400,
  APP_UNKNOWN: 404,
  DEPLOYMENT_UNKNOWN: 404,
  JOB_UNKNOWN: 404,
  RUN_UNKNOWN: 404,
  WORKFLOW_UNKNOWN: 404,
  CANCEL_BLOCKED: 409,
  JOB_NOT_OPEN: 409,
  NOT_DUE: 409,
  REACTED: 409,
  RETRY_PARENT: 409,
  RUN_CANCELED: 409,
  RUN_CLOSED: 409,
  RUN_EXISTS: 409,
  RUN_FAILED: 409,
  RUN_NOT_FAILED: 409,
  RUN_STATE: 409,
  RUN_TERMINATED: 409,
  PAYLOAD_MISSING: 410,
  TENANT_ERASED: 410,
  PAYLOAD_TOO_LARGE: 413,
  INPUT_INVALID: 422,
  OUTPUT_INVALID: 422,
  SIGNAL_INVALID: 422,
  THROTTLED: 429,
  STORE_FAILED: 503,
  UPGRADE_ME: 503,
  CALL_TIMED_OUT: 504,
  REQUEST_TIMED_OUT: 504,
};

/** The HTTP status of an error; 500 for what is not the caller's to mend. */
export const findStatus = (code: ErrorCode): ErrorStatus => statuses[code] ?? 500;
