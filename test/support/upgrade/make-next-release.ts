// Makes the release after this one: a copy of its sources that reads and writes one version more, in which messages on `inbox` have another form.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { bundleApp } from '../../../src/bundle/bundle-app.ts';
import type { bundleTimer } from '../../../src/bundle/bundle-timer.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';

/** The version that the next release knows, and this one does not. */
export const NEXT_VERSION = PROTOCOL_VERSION + 1;

/** A release as a folder of its own. */
export interface Release {
  /** Holds its `src`. */
  readonly root: string;
  readonly bundleApp: typeof bundleApp;
  readonly bundleTimer: typeof bundleTimer;
  remove(): Promise<void>;
}

/** A change of words in one source file. */
interface Patch {
  /** Path from the release's folder. */
  readonly file: string;
  /** Is there exactly once. */
  readonly find: string;
  readonly replace: string;
}

const patches: readonly Patch[] = [
  {
    file: 'src/protocol/version.ts',
    find: `PROTOCOL_VERSION = ${PROTOCOL_VERSION};`,
    replace: `PROTOCOL_VERSION = ${NEXT_VERSION};`,
  },
  {
    file: 'src/engine/outbox/derivation.ts',
    find: 'body: JSON.stringify(message) }',
    replace: `body: JSON.stringify(v === ${NEXT_VERSION} ? { v, says: message } : message) }`,
  },
  {
    file: 'src/connector/context/read-message.ts',
    find: 'schema.safeParse(value)',
    replace: `schema.safeParse(version === ${NEXT_VERSION} ? (Reflect.get(Object(value), 'says') ?? value) : value)`,
  },
];

/** What a release is made of, beside the packages that it shares with this one. */
const PARTS = ['src', 'lambdas', 'workflows', 'package.json'];

const patch = async (root: string, { file, find, replace }: Patch): Promise<void> => {
  const text = await readFile(join(root, file), 'utf8');
  const places = text.split(find).length - 1;
  if (places !== 1) throw new Error(`${file} has ${places} places that read "${find}"; the next release cannot be made of it any more.`);
  await writeFile(
    join(root, file),
    text.replace(find, () => replace),
  );
};

/** Makes it, within this folder, so that packages are found from there. */
export const makeNextRelease = async (): Promise<Release> => {
  const folder = resolve('.starquake');
  await mkdir(folder, { recursive: true });
  const root = await mkdtemp(join(folder, 'next-release-'));
  const load = (file: string): Promise<unknown> => import(/* @vite-ignore */ pathToFileURL(join(root, file)).href);
  for (const part of PARTS) await cp(resolve(part), join(root, part), { recursive: true });
  for (const one of patches) await patch(root, one);
  const app = (await load('src/bundle/bundle-app.ts')) as Pick<Release, 'bundleApp'>;
  const timer = (await load('src/bundle/bundle-timer.ts')) as Pick<Release, 'bundleTimer'>;
  return {
    root,
    bundleApp: app.bundleApp,
    bundleTimer: timer.bundleTimer,
    remove: () => rm(root, { recursive: true, force: true }),
  };
};
