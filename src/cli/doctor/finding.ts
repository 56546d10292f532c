// What the doctor says: findings with their fix, and the checks that make them.
import type { ErrorCode } from '../../protocol/errors.ts';
import type { DoctorParts } from './doctor-parts.ts';

/** How much a finding matters: `skipped` was not looked at. */
export type Level = 'ok' | 'warning' | 'wrong' | 'skipped';

/** One thing that was seen. */
export interface Finding {
  readonly level: Level;
  readonly what: string;
  /** What it means; given with everything that is not ok. */
  readonly why?: string;
  /** What to do about it; given with everything that is not ok, unless there is nothing to do. */
  readonly fix?: string;
  /** Of the error that it was seen by. */
  readonly code?: ErrorCode;
}

/** Looks at one part. */
export interface Check {
  /** One or two words. */
  readonly name: string;
  /** May throw, which is a finding too. */
  run(parts: DoctorParts, signal: AbortSignal): Promise<readonly Finding[]>;
}

/** It is as it should be. */
export const ok = (what: string): Finding => ({ level: 'ok', what });
/** It goes on, but will not forever, or not well. */
export const warning = (what: string, why: string, fix: string): Finding => ({ level: 'warning', what, why, fix });
/** Something does not go on, or is lost. */
export const wrong = (what: string, why: string, fix: string): Finding => ({ level: 'wrong', what, why, fix });
/** It was not looked at. */
export const skipped = (what: string, fix?: string): Finding => ({ level: 'skipped', what, ...(fix !== undefined && { fix }) });
