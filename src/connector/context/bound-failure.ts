// Keeps a failure small enough to travel, whatever a function answered: it goes inline wherever its job goes (rule 20).
import { INLINE_LIMIT_BYTES } from '../../protocol/limits.ts';
import type { Failure } from '../../protocol/payload.ts';

/** Characters of a failure's texts that travel. */
const MOST_NAME = 200;
const MOST_MESSAGE = 8000;
const MOST_STACK = 8000;

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most)}… (${text.length} characters)`);

/** The failure with its texts cut to what may travel, and without data over the inline limit; its message says so. */
export const boundFailure = ({ code, name, message, stack, data }: Failure): Failure => {
  const bytes = data === undefined ? 0 : Buffer.byteLength(JSON.stringify(data) ?? '');
  const isLarge = bytes > INLINE_LIMIT_BYTES;
  return {
    code: cut(code, MOST_NAME),
    name: cut(name, MOST_NAME),
    message: `${cut(message, MOST_MESSAGE)}${isLarge ? ` (its data of ${bytes} bytes of JSON was too large to travel)` : ''}`,
    ...(stack !== undefined && { stack: cut(stack, MOST_STACK) }),
    ...(data !== undefined && !isLarge && { data }),
  };
};
