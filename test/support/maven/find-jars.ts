// Finds the jars of Maven artifacts with all that they need: those fetched before, or else fetched now.
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A jar by its name in Maven. */
export interface Artifact {
  readonly group: string;
  readonly name: string;
  readonly version: string;
}

const FETCH_TIMEOUT_MS = 10 * 60_000;

const run = promisify(execFile);

const writeProject = (artifacts: readonly Artifact[]): string => {
  const dependencies = artifacts.map(
    ({ group, name, version }) =>
      `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>starquake</groupId><artifactId>stand-in</artifactId><version>1</version>
  <dependencies>${dependencies.join('')}</dependencies>
</project>
`;
};

/** Puts the jars into `folder`, or nothing at all. */
const fetchJars = async (folder: string, artifacts: readonly Artifact[]): Promise<void> => {
  await mkdir(dirname(folder), { recursive: true });
  const scratch = await mkdtemp(join(dirname(folder), 'fetching-'));
  try {
    await writeFile(join(scratch, 'pom.xml'), writeProject(artifacts));
    await run('mvn', ['-B', '-q', 'dependency:copy-dependencies', `-DoutputDirectory=${join(scratch, 'lib')}`], {
      cwd: scratch,
      timeout: FETCH_TIMEOUT_MS,
    });
    await rename(join(scratch, 'lib'), folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

/**
 * Sees that the jars are in a folder.
 *
 * @param folder - for them alone; it names their version
 * @throws Error when Maven cannot fetch them
 */
export const findJars = async (folder: string, artifacts: readonly Artifact[]): Promise<string> => {
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  if (!isThere) await fetchJars(folder, artifacts);
  return folder;
};
