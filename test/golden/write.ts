// Writes golden files of this version: `node --conditions=starquake-source test/golden/write.ts`. What is there already is never written again:
// a history or a message that was written once must be replayed and decoded for ever after. A new version gets a folder of its own.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { replayCommits } from '../../src/engine/evolve/evolve.ts';
import { deriveOutbox } from '../../src/engine/outbox/outbox.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/version.ts';
import { loadTestApp } from '../support/stage/test-app.ts';
import { openStage } from '../support/stage/stage.ts';
import { golden } from './app/app.ts';
import type { GoldenHistory } from './golden-history.ts';
import { eventSamples, inboxSamples, otherSamples } from './samples.ts';
import { scenarios, type Scenario } from './scenarios.ts';

const DAY_MS = 86_400_000;
const folder = fileURLToPath(new URL(`./data/v${PROTOCOL_VERSION}/`, import.meta.url));

/** `JobSucceeded` is kept in `job-succeeded.json`. */
const nameFile = (type: string): string => type.replaceAll(/(?<!^)[A-Z]/g, '-$&').toLowerCase();

/** Writes a file that is not there yet. */
const write = async (path: string, content: unknown): Promise<void> => {
  try {
    await writeFile(`${folder}${path}.json`, `${JSON.stringify(content, null, 1)}\n`, { flag: 'wx' });
    process.stdout.write(`wrote v${PROTOCOL_VERSION}/${path}.json\n`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    process.stdout.write(`kept v${PROTOCOL_VERSION}/${path}.json\n`);
  }
};

const play = async ({ run, play: happen }: Scenario): Promise<GoldenHistory> => {
  const stage = await openStage({
    app: await loadTestApp(golden, new URL('./app/app.ts', import.meta.url)),
    settings: { completedRetentionMs: 365 * DAY_MS },
  });
  await stage.connect('owner');
  await happen(stage);
  const commits = await stage.commits(run);
  const outboxes = commits.map((commit, index) => {
    const state = replayCommits(run, commits.slice(0, index + 1));
    const { letters, dues } = deriveOutbox(commit, JSON.stringify(commit), state, { completedMs: 365 * DAY_MS, failedMs: 30 * DAY_MS });
    return [...letters.map(({ topic, id }) => `${topic} ${id}`), ...dues.map(({ dueAt, topic, id }) => `${dueAt} ${topic} ${id}`)];
  });
  await stage.close();
  return { commits, outboxes };
};

for (const each of ['histories', 'events', 'messages']) await mkdir(`${folder}${each}`, { recursive: true });
for (const [type, sample] of Object.entries(eventSamples)) await write(`events/${nameFile(type)}`, sample);
for (const [type, sample] of Object.entries({ ...inboxSamples, ...otherSamples })) await write(`messages/${nameFile(type)}`, sample);
for (const [name, scenario] of Object.entries(scenarios)) await write(`histories/${name}`, await play(scenario));
