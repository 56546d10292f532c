// Synthesizes single stacks within a test, so that one topic does not have to wait for a whole platform.
import { App } from 'aws-cdk-lib';
import { z } from 'zod';
import { readSettings } from '../../../lib/settings/read-settings.ts';
import type { Settings, SettingsInput } from '../../../lib/settings/settings.ts';
import { readFlags } from './synthesize-platform.ts';

const partSchema = z.record(z.string(), z.unknown());
const templateSchema = z.looseObject({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: partSchema.default({}) })),
});

/** Part of a template, as plain data. */
export type TemplatePart = z.output<typeof partSchema>;

/** A resource, with where it is. */
export interface StackResource {
  readonly stack: string;
  readonly id: string;
  readonly Type: string;
  readonly Properties: TemplatePart;
}

/** What was synthesized. */
export interface SynthesizedStacks {
  readonly settings: Settings;
  /** Where the cloud assembly is. */
  readonly folder: string;
  readonly resources: readonly StackResource[];
  /** The text of all templates. */
  readonly text: string;
  /** Resources of a type, as in `AWS::S3::Bucket`. */
  readonly list: (type: string) => readonly StackResource[];
}

/** Synthesizes what `compose` puts into an app. */
export const synthesizeStacks = (input: SettingsInput, compose: (app: App, settings: Settings) => void): SynthesizedStacks => {
  const settings = readSettings(input);
  const app = new App({ context: readFlags(), analyticsReporting: false });
  compose(app, settings);
  const { stacks, directory } = app.synth();
  const resources = stacks.flatMap((artefact) =>
    Object.entries(templateSchema.parse(artefact.template).Resources).map(([id, resource]) => ({
      ...resource,
      stack: artefact.stackName,
      id,
    })),
  );
  return {
    settings,
    folder: directory,
    resources,
    text: JSON.stringify(stacks.map((artefact) => templateSchema.parse(artefact.template))),
    list: (type) => resources.filter(({ Type }) => Type === type),
  };
};

/** A property of a resource, by its path, as in `BucketEncryption.Rules`; undefined also where there is no resource. */
export const readProperty = (resource: StackResource | undefined, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => partSchema.safeParse(value).data?.[key], resource?.Properties);

/** A property that is a list of parts; empty where there is none. */
export const readParts = (resource: StackResource | undefined, path: string): readonly TemplatePart[] =>
  z.array(partSchema).default([]).parse(readProperty(resource, path));
