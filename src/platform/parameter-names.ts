// Tells under which parameters a manifest lies, and which manifest a parameter belongs to.

/** Writes any text as one step of a parameter's path: what that may not hold, or means something here, becomes its bytes in hexadecimal. */
const escape = (text: string): string => text.replaceAll(/[^A-Za-z0-9.-]/gu, (char) => `_${Buffer.from(char).toString('hex')}_`);

/** The parameter that names a deployment's manifest. */
export const nameHead = (folder: string, app: string, deployment: string): string =>
  `${folder}/${escape(app)}/${escape(deployment)}/manifest`;

/** A parameter that holds a part of a manifest; parts of another text have other names. @param at - from 0 */
export const namePart = (head: string, sha256: string, at: number): string => `${head}/${sha256.slice(0, 16)}/${at}`;

/** Whether a parameter names a manifest. */
export const isHead = (folder: string, name: string): boolean =>
  name.startsWith(`${folder}/`) && /^[^/]+\/[^/]+\/manifest$/.test(name.slice(folder.length + 1));

/** Whether a parameter holds a part of the manifest that `head` names. */
export const isPartOf = (head: string, name: string): boolean => name.startsWith(`${head}/`);
