// Finds DynamoDB's local implementation: the jars of a Maven artifact, copied here when they are not.
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const VERSION = '2.6.1';
const FETCH_TIMEOUT_MS = 10 * 60_000;

const run = promisify(execFile);

const PROJECT = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>starquake</groupId><artifactId>stand-in</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>com.amazonaws</groupId><artifactId>DynamoDBLocal</artifactId><version>${VERSION}</version></dependency>
  </dependencies>
</project>
`;

/** Puts the jars into `folder`, or nothing at all. */
const fetchJars = async (folder: string): Promise<void> => {
  await mkdir(dirname(folder), { recursive: true });
  const scratch = await mkdtemp(join(dirname(folder), 'fetching-'));
  try {
    await writeFile(join(scratch, 'pom.xml'), PROJECT);
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
 * The folder of its jars and native libraries.
 *
 * @param fetched - holds what was fetched, one folder a version
 * @throws Error when Maven cannot fetch them
 */
export const findDynamoDbLocal = async (fetched: string): Promise<string> => {
  const folder = join(fetched, VERSION);
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  if (!isThere) await fetchJars(folder);
  return folder;
};
