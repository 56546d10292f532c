// The entry for AWS, `import { WorkflowApp } from 'starquake/cdk'`: for authors what ships an app, for operators the stacks of a platform.
export { WorkflowApp, type EngineReference, type WorkflowAppProps } from './constructs/workflow-app.ts';
export type { JobFunctionProps } from './constructs/workflow-app-function.ts';
export { defineSettings } from './settings/define-settings.ts';
export { readSettings } from './settings/read-settings.ts';
export { sizes, type Settings, type SettingsInput, type Size } from './settings/settings.ts';
export { AppsStack, type AppsStackProps } from './stacks/apps-stack.ts';
export { composePlatform, type Platform, type PlatformOptions } from './stacks/compose-platform.ts';
export { ConsoleStack, type ConsoleStackProps } from './stacks/console-stack.ts';
export { CostStack, type CostStackProps } from './stacks/cost-stack.ts';
export { EngineStack, type EngineStackProps } from './stacks/engine-stack.ts';
export { NetworkStack, type NetworkStackProps } from './stacks/network-stack.ts';
export { ObservabilityStack, type ObservabilityStackProps } from './stacks/observability-stack.ts';
export { PulsarStack, type PulsarStackProps } from './stacks/pulsar-stack.ts';
export { StateStack, type StateStackProps } from './stacks/state-stack.ts';
