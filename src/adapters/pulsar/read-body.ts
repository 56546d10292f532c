// Reads the bytes of a message as the text that a body is.
import { isUtf8 } from 'node:buffer';

/** What is no text stands as one that loses nothing, for the dead letter that it becomes: no message of ours begins so. */
export const readBody = (bytes: Buffer): string =>
  isUtf8(bytes) ? bytes.toString('utf8') : `data:application/octet-stream;base64,${bytes.toString('base64')}`;
