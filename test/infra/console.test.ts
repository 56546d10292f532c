// The place for the API and the dashboard: nobody comes in without having signed in, with a second factor.
import { describe, expect, it } from 'vitest';
import { ConsoleStack } from '../../lib/stacks/console-stack.ts';
import { NetworkStack } from '../../lib/stacks/network-stack.ts';
import { readProperty, synthesizeStacks } from '../support/infra/synthesize-stacks.ts';

const { list, resources } = synthesizeStacks({ size: 'small' }, (app, settings) => {
  const env = { region: settings.region };
  const network = new NetworkStack(app, 'network', { env, settings });
  new ConsoleStack(app, 'console', { env, settings, network });
});
const [users] = list('AWS::Cognito::UserPool');

describe('the console', () => {
  it('answers no request that carries no token of its users', () => {
    const routes = list('AWS::ApiGatewayV2::Route');
    expect(routes.length).toBeGreaterThan(0);
    for (const route of routes) {
      expect(readProperty(route, 'AuthorizationType')).toBe('JWT');
      expect(readProperty(route, 'AuthorizerId')).toBeTruthy();
    }
  });

  it('has no other way in: no load balancer, no address, no function that anybody may call', () => {
    for (const type of [
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      'AWS::EC2::EIP',
      'AWS::Lambda::Url',
      'AWS::ApiGateway::RestApi',
      'AWS::CloudFront::Distribution',
    ])
      expect(list(type)).toEqual([]);
    expect(resources.filter(({ Type, stack }) => stack === 'console' && Type === 'AWS::ApiGatewayV2::Api')).toHaveLength(1);
  });

  it('reaches the API by its private address, on its port only', () => {
    for (const made of list('AWS::ApiGatewayV2::Integration')) expect(readProperty(made, 'ConnectionType')).toBe('VPC_LINK');
    const rules = list('AWS::EC2::SecurityGroupIngress').filter(({ stack }) => stack === 'console');
    expect(rules.map((rule) => [readProperty(rule, 'FromPort'), readProperty(rule, 'ToPort'), readProperty(rule, 'CidrIp')])).toEqual([
      [4400, 4400, undefined],
    ]);
  });

  it('writes who asked for what', () => {
    for (const stage of list('AWS::ApiGatewayV2::Stage')) {
      expect(readProperty(stage, 'AccessLogSettings.DestinationArn')).toBeTruthy();
      expect(readProperty(stage, 'DefaultRouteSettings.ThrottlingRateLimit')).toBeGreaterThan(0);
    }
  });
});

describe('its users', () => {
  it('are let in by an administrator, with a long password and a second factor that is no text message', () => {
    expect(users?.Properties).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      MfaConfiguration: 'ON',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      Policies: { PasswordPolicy: { MinimumLength: 14 } },
    });
  });

  it('stay when the stack goes', () => {
    expect(users).toMatchObject({ DeletionPolicy: 'Retain', Properties: { DeletionProtection: 'ACTIVE' } });
  });

  it('sign in through a browser, which is trusted with no secret', () => {
    const [client] = list('AWS::Cognito::UserPoolClient');
    expect(client?.Properties).toMatchObject({ GenerateSecret: false, AllowedOAuthFlows: ['code'], PreventUserExistenceErrors: 'ENABLED' });
  });
});
