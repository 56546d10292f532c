// The engine in its template: a timer function that may do nothing, found by the name that connectors call it by.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Size } from '../../lib/settings/settings.ts';
import { EngineStack } from '../../lib/stacks/engine-stack.ts';
import { NetworkStack } from '../../lib/stacks/network-stack.ts';
import { StateStack } from '../../lib/stacks/state-stack.ts';
import { findFunctionName } from '../../src/platform/function-names.ts';
import { TIMER_FUNCTION } from '../../src/protocol/manifest.ts';
import { readProperty, synthesizeStacks, type StackResource, type SynthesizedStacks } from '../support/infra/synthesize-stacks.ts';

const assetsSchema = z.object({ files: z.record(z.string(), z.object({ source: z.object({ path: z.string() }) })) });

const synthesize = (size: Size): SynthesizedStacks =>
  synthesizeStacks({ size, name: 'booking' }, (app, settings) => {
    const given = { env: { region: settings.region }, settings };
    const network = new NetworkStack(app, 'network', given);
    const state = new StateStack(app, 'state', given);
    const connectorSecret = Secret.fromSecretNameV2(state, 'Connector', 'booking/connector');
    const pulsar = { webServiceUrl: 'https://brokers:8443', brokerUrl: 'pulsar+ssl://brokers:6651', connectorSecret };
    const engine = new EngineStack(app, 'engine', { ...given, network, state, pulsar });
    expect([engine.functionPrefix, engine.registryPath]).toEqual(['booking-', '/booking/manifests']);
  });

const list = (stacks: SynthesizedStacks, type: string): readonly StackResource[] =>
  stacks.list(type).filter(({ stack }) => stack === 'engine');

const small = synthesize('small');
const again = synthesize('small');
const production = synthesize('production');
const [timer] = list(small, 'AWS::Lambda::Function');

describe('the timer function', () => {
  it('is called what connectors call it', () => {
    expect(readProperty(timer, 'FunctionName')).toBe(findFunctionName(TIMER_FUNCTION, { prefix: 'booking-' }));
  });

  it('may write its own log and nothing else', () => {
    const [policy, ...others] = list(small, 'AWS::IAM::Policy');
    expect(others).toEqual([]);
    expect(readProperty(policy, 'PolicyDocument')).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          Resource: { 'Fn::GetAtt': [expect.stringMatching(/Log/), 'Arn'] },
        },
      ],
    });
    expect(list(small, 'AWS::IAM::Role').map(({ Properties }) => Properties['ManagedPolicyArns'])).toEqual([undefined]);
    expect(list(small, 'AWS::Lambda::Permission')).toEqual([]);
  });

  it('has no network, no environment and no URL: there is nothing to reach, and nobody reaches it', () => {
    expect(timer?.Properties).not.toHaveProperty('VpcConfig');
    expect(timer?.Properties).not.toHaveProperty('Environment');
    expect(list(small, 'AWS::Lambda::Url')).toEqual([]);
  });

  it('runs on arm64 and Node 24, and its log is kept as long as the settings say', () => {
    expect(timer?.Properties).toMatchObject({ Architectures: ['arm64'], Runtime: 'nodejs24.x', MemorySize: 256, Handler: 'index.handler' });
    expect(list(small, 'AWS::Logs::LogGroup').map(({ Properties }) => Properties['RetentionInDays'])).toEqual([30]);
  });

  it('takes no concurrency from the functions of apps', () => {
    expect(timer?.Properties).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  it('is the one that was bundled: its module answers', async () => {
    const { files } = assetsSchema.parse(JSON.parse(readFileSync(join(small.folder, 'engine.assets.json'), 'utf8')));
    const modules = Object.values(files).map(({ source }) => join(small.folder, source.path, 'index.mjs'));
    const file = modules.find((path) => existsSync(path)) ?? '';
    const { handler }: { handler: (payload: unknown) => Promise<unknown> } = await import(/* @vite-ignore */ pathToFileURL(file).href);
    await expect(handler({ v: 1, now: 1000, dues: [] })).resolves.toEqual({ fire: [], early: [] });
  });
});

describe('connectors', () => {
  it('are a group of their own in production, and on the machines of Pulsar elsewhere', () => {
    expect(list(small, 'AWS::AutoScaling::AutoScalingGroup')).toEqual([]);
    expect(list(production, 'AWS::AutoScaling::AutoScalingGroup')).toHaveLength(1);
  });
});

it('the same settings make the same template, code and all', () => {
  expect(again.text).toBe(small.text);
});
