// Synthesizes a platform as `cdk synth` does, within a test: with the flags of cdk.json, without the command, the network or an account.
import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { z } from 'zod';
import { readSettings } from '../../../lib/settings/read-settings.ts';
import type { Settings, SettingsInput } from '../../../lib/settings/settings.ts';
import { composePlatform, type Platform } from '../../../lib/stacks/compose-platform.ts';

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).optional(),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  UpdatePolicy: z.unknown().optional(),
});
const templateSchema = z.object({ Resources: z.record(z.string(), resourceSchema).default({}) });
const flagsSchema = z.object({ context: z.record(z.string(), z.unknown()) });

/** One resource of a template. */
export type TemplateResource = Readonly<z.infer<typeof resourceSchema>>;

/** A resource, with where it is. */
export interface PlacedResource extends TemplateResource {
  readonly stack: string;
  readonly id: string;
}

/** What was synthesized. */
export interface Synthesized {
  readonly app: App;
  readonly settings: Settings;
  readonly platform: Platform;
  /** Where the cloud assembly is. */
  readonly folder: string;
  /** Templates by the name of their stack. */
  readonly templates: Readonly<Record<string, { readonly Resources: Readonly<Record<string, TemplateResource>> }>>;
  /** All resources of all stacks. */
  readonly resources: readonly PlacedResource[];
  /** Resources of a type, as in `AWS::EC2::Volume`. */
  readonly list: (type: string) => readonly PlacedResource[];
}

/** The flags of `cdk.json`. */
export const readFlags = (): Record<string, unknown> =>
  flagsSchema.parse(JSON.parse(readFileSync(new URL('../../../cdk.json', import.meta.url), 'utf8'))).context;

/** How it is done. */
export interface SynthesisOptions {
  /** Is handed the app before it is synthesized, as to add checks. */
  readonly prepare?: (app: App) => void;
  /** Whether the example apps are bundled too, which takes some seconds. */
  readonly withApps?: boolean;
  /** Where the cloud assembly goes; a folder of its own unless given. */
  readonly outdir?: string;
}

/** Synthesizes a platform, without the example apps unless they are asked for. */
export const synthesizePlatform = (input: SettingsInput, { prepare, withApps = false, outdir }: SynthesisOptions = {}): Synthesized => {
  const settings = readSettings(input);
  const app = new App({ context: readFlags(), analyticsReporting: false, ...(outdir !== undefined && { outdir }) });
  const platform = composePlatform(app, settings, { withApps });
  prepare?.(app);
  const assembly = app.synth();
  const templates = Object.fromEntries(assembly.stacks.map(({ stackName, template }) => [stackName, templateSchema.parse(template)]));
  const resources = Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).map(([id, resource]) => ({ ...resource, stack, id })),
  );
  return {
    app,
    settings,
    platform,
    folder: assembly.directory,
    templates,
    resources,
    list: (type) => resources.filter(({ Type }) => Type === type),
  };
};
