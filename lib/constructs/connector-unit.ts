// What belongs to a connector wherever it runs: its role can be found by the apps that have functions of somebody else invoked.
import type { Role } from 'aws-cdk-lib/aws-iam';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { nameConnectorRole } from '../settings/names.ts';
import type { Settings } from '../settings/settings.ts';

/** Writes the name of the connector's role where apps look for it. */
export const announceConnectorRole = (scope: Construct, settings: Settings, role: Role): void => {
  new StringParameter(scope, 'ConnectorRoleName', {
    parameterName: nameConnectorRole(settings),
    stringValue: role.roleName,
    description: 'Name of the role of connectors',
  });
};
