// A place for the API and the dashboard: people sign in with a second factor, and nothing answers who has not.
import { Aws, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination, VpcLink } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpUserPoolAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpServiceDiscoveryIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Mfa, OAuthScope, UserPool, type UserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DnsRecordType, PrivateDnsNamespace, type Service } from 'aws-cdk-lib/aws-servicediscovery';
import type { Construct } from 'constructs';
import { acknowledge } from '../constructs/acknowledge.ts';
import type { NetworkPlace } from '../constructs/machine-places.ts';
import type { Settings } from '../settings/settings.ts';

/** What it is made from. */
export interface ConsoleStackProps extends StackProps {
  readonly settings: Settings;
  readonly network: Pick<NetworkPlace, 'vpc'>;
}

/** Where the API listens. */
const API_PORT = 4400;
const PASSWORD_LENGTH = 14;
const LIMIT = { rateLimit: 200, burstLimit: 400 };

/**
 * The way in for people and for services outside: an HTTP API that takes tokens of a user pool only, and passes on to the private
 * address of whatever is registered as `api`. Who runs the API registers it in `service` and wears `apiGroup`; until then every
 * request with a token is answered by 503, and every one without by 401.
 *
 * @example
 * new ConsoleStack(app, 'starquake-console', { env: { region: settings.region }, settings, network });
 */
export class ConsoleStack extends Stack {
  readonly users: UserPool;
  readonly api: HttpApi;
  /** Where instances of the API register their address. */
  readonly service: Service;
  /** Lets the way in through to the port of the API. */
  readonly apiGroup: SecurityGroup;

  constructor(scope: Construct, id: string, { settings, network, ...props }: ConsoleStackProps) {
    super(scope, id, { description: `Console of ${settings.name}`, ...props });
    const { vpc } = network;
    const linkGroup = new SecurityGroup(this, 'LinkGroup', { vpc, description: 'The way in to the API', allowAllOutbound: false });
    this.apiGroup = new SecurityGroup(this, 'ApiGroup', { vpc, description: 'Machines that run the API', allowAllOutbound: false });
    this.apiGroup.addIngressRule(linkGroup, Port.tcp(API_PORT), 'requests with a token');
    linkGroup.addEgressRule(this.apiGroup, Port.tcp(API_PORT), 'requests with a token');
    const namespace = new PrivateDnsNamespace(this, 'Namespace', { name: `console.${settings.name}.internal`, vpc });
    this.service = namespace.createService('Api', { name: 'api', dnsRecordType: DnsRecordType.SRV });
    this.users = this.#createUsers(settings);
    this.api = this.#createApi(settings);
    const client = this.#createClient();
    const vpcLink = new VpcLink(this, 'Link', { vpc, subnets: { subnets: vpc.isolatedSubnets }, securityGroups: [linkGroup] });
    this.api.addRoutes({
      path: '/{proxy+}',
      methods: [HttpMethod.ANY],
      authorizer: new HttpUserPoolAuthorizer('People', this.users, { userPoolClients: [client] }),
      integration: new HttpServiceDiscoveryIntegration('Api', this.service, { vpcLink }),
    });
    new CfnOutput(this, 'Url', { value: this.api.apiEndpoint });
  }

  #createUsers({ name }: Settings): UserPool {
    const users = new UserPool(this, 'Users', {
      userPoolName: name,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: PASSWORD_LENGTH,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
      },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    users.addDomain('SignIn', { cognitoDomain: { domainPrefix: `${name}-${Aws.ACCOUNT_ID}` } });
    acknowledge(users, [
      ['AwsSolutions-COG8', 'Threat protection is paid by user and month; nobody signs up by himself, and everybody has a second factor'],
    ]);
    return users;
  }

  /** In a browser, which keeps no secret: a code, exchanged with a proof. */
  #createClient(): UserPoolClient {
    return this.users.addClient('Dashboard', {
      generateSecret: false,
      preventUserExistenceErrors: true,
      authFlows: { userSrp: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
        callbackUrls: [`${this.api.apiEndpoint}/signed-in`],
        logoutUrls: [`${this.api.apiEndpoint}/signed-out`],
      },
    });
  }

  #createApi({ name, retention }: Settings): HttpApi {
    const api = new HttpApi(this, 'Http', {
      apiName: name,
      createDefaultStage: false,
      description: 'API and dashboard, for people who signed in',
    });
    const log = new LogGroup(this, 'AccessLog', { retention: retention.logs, removalPolicy: RemovalPolicy.DESTROY });
    acknowledge(log, [
      [
        'NIST.800.53.R5-CloudWatchLogGroupEncrypted',
        'CloudWatch encrypts it by itself; it holds paths and addresses, no payload and no token',
      ],
    ]);
    new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: LIMIT,
      accessLogSettings: { destination: new LogGroupLogDestination(log) },
    });
    return api;
  }
}
