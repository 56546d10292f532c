// Deploys a size as its operator would, on an emulator in place of an account: synthesizes, bootstraps, deploys all stacks.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Size } from '../../../lib/settings/settings.ts';
import type { SsmStandIn } from '../ssm/start-ssm.ts';
import { countTypes, listMade, type TypeCounts } from './list-made.ts';
import { reduceAssembly } from './reduce-assembly.ts';
import { runCdk } from './run-cdk.ts';

/** The only account that the emulator knows. */
export const ACCOUNT = '123456789012';

/** What became of a stack. */
export interface DeployedStack {
  /** What its template asks for, as synthesized. */
  readonly asked: TypeCounts;
  /** What there is. */
  readonly made: TypeCounts;
}

/**
 * Deploys a size.
 *
 * @param emulator - fresh, or one on which the same size is deployed already
 * @param skipped - types that it makes nothing of
 * @returns stacks by their names
 */
export const deploySize = async (
  size: Size,
  { client: { endpoint, region } }: SsmStandIn,
  skipped: readonly string[],
): Promise<Readonly<Record<string, DeployedStack>>> => {
  const home = await mkdtemp(join(tmpdir(), 'starquake-emulated-'));
  try {
    const place = { endpoint: endpoint.replace('127.0.0.1', 'localhost'), region, home };
    const app = join(home, 'assembly');
    await runCdk(['synth', '--all', '--quiet', '-c', `size=${size}`, '--output', app], place);
    const templates = await reduceAssembly(app, skipped);
    await runCdk(['bootstrap', `aws://${ACCOUNT}/${region}`, '--app', app], place);
    // Change sets of two stacks are the same to the emulator, and it forgets what they export.
    await runCdk(['deploy', '--all', '--app', app, '--method', 'direct', '--concurrency', '1', '--require-approval', 'never'], place);
    const stacks: [string, DeployedStack][] = [];
    for (const [stack, { Resources }] of Object.entries(templates)) {
      const asked = countTypes(Object.values(Resources).map(({ Type }) => Type));
      stacks.push([stack, { asked, made: await listMade(endpoint, stack) }]);
    }
    return Object.fromEntries(stacks);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
};
