// Makes tokens as Pulsar's own tool does: JSON web tokens of a role, signed with a secret key.
import { createHmac } from 'node:crypto';

/** What a token says. */
export interface TokenClaims {
  readonly role: string;
  /** Seconds since the epoch; never when left out. */
  readonly expiresAt?: number;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs a token. */
export const signToken = (secret: Buffer, { role, expiresAt }: TokenClaims): string => {
  const content = `${encode({ alg: 'HS256' })}.${encode({ sub: role, ...(expiresAt !== undefined && { exp: expiresAt }) })}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
};
