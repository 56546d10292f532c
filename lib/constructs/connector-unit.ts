// What belongs to connectors wherever they run: their roles can be found by the apps that have functions of somebody else invoked.
import type { Role } from 'aws-cdk-lib/aws-iam';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { nameConnectorRole } from '../settings/names.ts';
import type { Settings } from '../settings/settings.ts';

/**
 * Writes the names of the connectors' roles where apps look for them, one after another with commas between.
 *
 * @param roles - of all machines that run a connector: of the fleet, or of each machine that has one beside Pulsar
 */
export const announceConnectorRoles = (scope: Construct, settings: Settings, roles: readonly Role[]): void => {
  new StringParameter(scope, 'ConnectorRoleName', {
    parameterName: nameConnectorRole(settings),
    stringValue: roles.map(({ roleName }) => roleName).join(','),
    description: 'Names of the roles of connectors',
  });
};
