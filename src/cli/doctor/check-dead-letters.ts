// Tells of messages that could not be parsed: each is something that the engine was told and did not do.
import { z } from 'zod';
import { topics } from '../../protocol/topics.ts';
import type { PulsarPlace } from './doctor-parts.ts';
import { ok, skipped, wrong, type Finding } from './finding.ts';
import { checkOfPulsar } from './pulsar-check.ts';

const LONGEST_BODY = 200;
const NAME = topics.deadLetters.name;

const letterSchema = z.object({ topic: z.string(), partition: z.int(), id: z.string(), code: z.string(), message: z.string() });

const describeLetter = (body: unknown): string => {
  const letter = letterSchema.safeParse(body);
  if (!letter.success) return `The last one: ${JSON.stringify(body).slice(0, LONGEST_BODY)}`;
  const { topic, partition, id, code, message } = letter.data;
  return `The last one came from ${topic} (partition ${partition}, id ${JSON.stringify(id)}). ${code}: ${message}`;
};

/**
 * What is in `dead-letters`.
 *
 * @param entries - how many it holds, batches counted as one
 * @param last - the newest one, if it could be read
 */
export const judgeDeadLetters = (entries: number, last: unknown, { tenant, namespace, flags }: PulsarPlace): readonly Finding[] => {
  if (entries === 0) return [ok('No message was ever put aside.')];
  const topic = `persistent://${tenant}/${namespace}/${NAME}`;
  return [
    wrong(
      `${NAME} holds ${entries} ${entries === 1 ? 'message' : 'messages'} that could not be parsed.`,
      `Whoever published them waits for what will not happen. ${last === undefined ? 'The last one could not be read.' : describeLetter(last)}`,
      `Mend what publishes them and send anew what they meant (read all: bin/pulsar-client read -m earliest -n 0 ${topic}); then make the topic anew: bin/pulsar-admin topics delete-partitioned-topic -f ${topic}, and starquake topics apply ${flags}`,
    ),
  ];
};

/** The topic `dead-letters`. */
export const deadLettersCheck = checkOfPulsar('dead letters', async (pulsar) => {
  const storage = await pulsar.readStorage(NAME);
  if (storage === undefined) return [skipped(`The topic ${NAME} is not there: see "topics".`)];
  const last = storage.entries === 0 ? undefined : await pulsar.readLast(NAME, 0);
  return judgeDeadLetters(storage.entries, last?.body, pulsar.place);
});
