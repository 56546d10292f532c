// Puts the manifest of a deployment into the registry, once everything that it names is there.
import type { IDependable } from 'constructs';
import { Construct } from 'constructs';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { packManifest } from '../../src/platform/manifest-text.ts';
import { nameHead, namePart } from '../../src/platform/parameter-names.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';

/** What to put where. */
export interface RegisteredManifestProps {
  /** Of the engine's registry. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** Names the code. */
  readonly content: string;
  /** A connector that sees the manifest invokes these at once. */
  readonly after: readonly IDependable[];
}

/** A manifest in the registry. */
export class RegisteredManifest extends Construct {
  constructor(scope: Construct, id: string, { folder, manifest, content, after }: RegisteredManifestProps) {
    super(scope, id);
    const name = nameHead(folder, manifest.app, manifest.deployment);
    const packed = packManifest(manifest);
    const write = (part: string, parameterName: string, stringValue: string): StringParameter =>
      new StringParameter(this, `${part}-${manifest.deployment}-${content}`, {
        parameterName,
        stringValue,
        tier: ParameterTier.STANDARD,
        description: `Starquake: deployment ${manifest.deployment} of ${manifest.app}, code ${content}`,
      });
    const parts = packed.parts.map((part, at) => write(`Part${at}`, namePart(name, packed.sha256, at), part));
    // The head is what a connector looks for: it comes last.
    write('Head', name, packed.head).node.addDependency(...after, ...parts);
  }
}
