// Finds DynamoDB's local implementation: the jars of a Maven artifact, copied here when they are not.
import { join } from 'node:path';
import { findJars } from '../maven/find-jars.ts';

const VERSION = '2.6.1';

/**
 * The folder of its jars and native libraries.
 *
 * @param fetched - holds what was fetched, one folder a version
 * @throws Error when Maven cannot fetch them
 */
export const findDynamoDbLocal = (fetched: string): Promise<string> =>
  findJars(join(fetched, VERSION), [{ group: 'com.amazonaws', name: 'DynamoDBLocal', version: VERSION }]);
