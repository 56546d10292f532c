// Says what the parts of a platform are called: whoever knows its name finds them without a reference between stacks.
import { Aws } from 'aws-cdk-lib';

/** What names are made of. */
export interface Named {
  /** Of the platform, as in its settings. */
  readonly name: string;
}

/** Where manifests are, in Systems Manager. @example nameRegistry({ name: 'starquake' }); // '/starquake/manifests' */
export const nameRegistry = ({ name }: Named): string => `/${name}/manifests`;

/** Stands before the names of all functions of the platform. @example nameFunctionPrefix({ name: 'starquake' }); // 'starquake-' */
export const nameFunctionPrefix = ({ name }: Named): string => `${name}-`;

/** Stands before the names of tables. @example nameTablePrefix({ name: 'starquake' }); // 'starquake' */
export const nameTablePrefix = ({ name }: Named): string => name;

/**
 * The name of a bucket, which is unique in the world by its account and region.
 *
 * @param what - the bucket is for, as in `payloads`
 * @example
 * nameBucket({ name: 'starquake', region: 'us-east-1' }, 'artefacts'); // 'starquake-artefacts-<account>-us-east-1'
 */
export const nameBucket = ({ name, region }: Named & { readonly region: string }, what: string): string =>
  `${name}-${what}-${Aws.ACCOUNT_ID}-${region}`;

/** The domain of the machines, known inside of the network only. @example nameDomain({ name: 'starquake' }); // 'starquake.internal' */
export const nameDomain = ({ name }: Named): string => `${name}.internal`;

/** Where the platform's measurements are, in CloudWatch. @example nameMetrics({ name: 'starquake' }); // 'Starquake/starquake' */
export const nameMetrics = ({ name }: Named): string => `Starquake/${name}`;

/** The parameter that holds the name of the connector's role, for apps whose jobs are functions of somebody else. */
export const nameConnectorRole = ({ name }: Named): string => `/${name}/connector-role`;
