// Stages the machines of a cluster that runs: `systemctl` ends and starts the processes of the test, and nothing else.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { renderUnits } from '../../../lib/machines/render-units.ts';
import type { NodeRole, SynthesizedCluster } from '../cluster/start-synthesized.ts';
import type { Few } from './few-nodes.ts';
import { stageMachine, type StagedMachine } from './machine-stage.ts';

/** What `systemctl` does here. */
const order = async (parts: readonly NodeRole[], line: string): Promise<void> => {
  // A step that is done once a boot: nothing of it runs any more.
  if (line === 'disable --now starquake-rack.service') return;
  const [, verb = '', role = ''] = /^(start|stop|restart|disable --now) starquake-(\w+)\.service$/.exec(line) ?? [];
  const part = parts.find((candidate) => candidate.role === role);
  if (part === undefined) throw new Error(`Nobody understands "${line}" here.`);
  if (verb !== 'start') await part.process.stop();
  if (verb === 'start' || verb === 'restart') await part.process.start();
};

/** Does what the unit of a role has done before every start, but for waiting for others. @throws Error when that does not end well */
const prepare = async (machine: StagedMachine, role: NodeRole['role']): Promise<void> => {
  const unit = renderUnits({ roles: [role], isFirst: false }).find(({ name }) => name === `starquake-${role}.service`)?.text ?? '';
  const lines = [...unit.matchAll(/^ExecStartPre=\+?(.+)$/gm)].map(([, line = '']) => line).filter((line) => !line.includes('/bin/check '));
  const { code, output } = await machine.run(['set -e', ...lines]);
  if (code !== 0) throw new Error(`What comes before a start of the ${role} ended with ${code}: ${output}`);
};

/** Stages all of them, by name. */
export const stageMachines = async ({ settings, synthesized }: Few, cluster: SynthesizedCluster): Promise<Map<string, StagedMachine>> => {
  const secretsFolder = join(cluster.folder, 'secrets-manager');
  await mkdir(secretsFolder, { recursive: true });
  const machines = new Map<string, StagedMachine>();
  for (const { name } of synthesized.cluster.nodes) {
    const parts = cluster.parts.filter(({ placed }) => placed.node.name === name);
    const [first] = parts;
    if (first === undefined) throw new Error(`Nothing runs on ${name}.`);
    const machine = await stageMachine({
      settings,
      cluster: synthesized.cluster,
      placed: first.placed,
      secretsFolder,
      system: (line) => order(parts, line),
    });
    for (const { role, process } of parts) process.prepare = () => prepare(machine, role);
    machines.set(name, machine);
  }
  return machines;
};
