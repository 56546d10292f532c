// What the bus over the native client does when sends fail or are not answered: against a client that fails and is silent on purpose.
import { describe, expect, it } from 'vitest';
import type { NativeClient, NativeOutgoing } from '../../src/adapters/pulsar/native-client.ts';
import { NativeTopicProducer } from '../../src/adapters/pulsar/native-producer.ts';
import type { PublishCall } from '../../src/adapters/pulsar/publishing.ts';
import { makeVirtualClock } from '../../src/testing/virtual-clock.ts';

interface Answer {
  readonly store: () => void;
  readonly fail: (result: string) => void;
}

const TOPIC = { name: 'inbox', partitions: 2, kind: 'stream' } as const;
const MANY = 3000;

const turn = async (): Promise<void> => {
  for (let count = 0; count < 5; count++) await new Promise((resolve) => setImmediate(resolve));
};

/** A producer on a client that answers when the test says so. */
const openProducer = (openings: readonly string[] = []) => {
  const clock = makeVirtualClock();
  const sent: string[] = [];
  const answers = new Map<string, Answer>();
  const failures = [...openings];
  const send = (message: NativeOutgoing): Promise<void> => {
    const { id = '', again } = message.properties;
    sent.push(again === '1' ? `${id} again` : id);
    return new Promise((resolve, reject) => {
      answers.set(id, { store: resolve, fail: (result) => reject(new Error(`Failed to send message: ${result}`)) });
    });
  };
  const refuse = (): Promise<never> => Promise.reject(new Error('There is none.'));
  const client: NativeClient = {
    createProducer: () => {
      const failure = failures.shift();
      if (failure !== undefined) return Promise.reject(new Error(`Failed to create producer: ${failure}`));
      return Promise.resolve({ send, close: () => Promise.resolve() });
    },
    subscribe: refuse,
    createReader: refuse,
    close: () => Promise.resolve(),
  };
  const producer = new NativeTopicProducer(client, clock, TOPIC, 'persistent://t/n/inbox');
  const publish = (id: string, partition = 0): { readonly told: string[] } => {
    const told: string[] = [];
    const call: PublishCall = {
      isOver: false,
      noteStored: () => void told.push('stored'),
      fail: (error) => void told.push(`failed: ${error.message}`),
      noteTrouble: (error) => void told.push(`trouble: ${error.message}`),
    };
    producer.send({ topic: 'inbox', key: 'run-1', id, body: '{}' }, partition, call);
    return { told };
  };
  const answer = async (id: string, result?: string): Promise<void> => {
    const found = answers.get(id);
    if (result === undefined) found?.store();
    else found?.fail(result);
    await turn();
  };
  return { clock, sent, publish, answer };
};

describe('publishing through the native client', () => {
  it('what failed is sent again, marked, in its order, and before what was published later', async () => {
    const { clock, sent, publish, answer } = openProducer();
    const [a] = [publish('a'), publish('b')];
    await turn();
    await answer('b', 'TimeOut');
    publish('c');
    await turn();
    expect(sent).toEqual(['a', 'b']);
    await answer('a', 'TimeOut');
    clock.advance(250);
    expect(sent).toEqual(['a', 'b', 'a again', 'b again', 'c']);
    await answer('a');
    expect(a?.told).toEqual([expect.stringContaining('TimeOut'), 'stored']);
  });

  it('what was not even sent is not marked', async () => {
    const { clock, sent, publish, answer } = openProducer();
    publish('a');
    await turn();
    await answer('a', 'ProducerQueueIsFull');
    clock.advance(250);
    expect(sent).toEqual(['a', 'a']);
  });

  it('a partition that does not answer holds up no other, and holds no more than its share', async () => {
    const { sent, publish } = openProducer();
    for (let number = 0; number < MANY; number++) publish(`silent${number}`, 0);
    publish('other', 1);
    await turn();
    expect(sent.at(-1)).toBe('other');
    expect(sent.length).toBeLessThan(MANY);
  });

  it('a topic that cannot be reached is tried again, and the calls know why they wait', async () => {
    const { clock, sent, publish } = openProducer(['ConnectError']);
    const { told } = publish('a');
    await turn();
    expect(told).toEqual([expect.stringContaining('ConnectError')]);
    clock.advance(500);
    await turn();
    expect(sent).toEqual(['a']);
  });

  it('a topic that Pulsar keeps to itself is an error at once', async () => {
    const { publish } = openProducer(['AuthorizationError']);
    const { told } = publish('a');
    await turn();
    expect(told).toEqual([expect.stringMatching(/^failed: .*AuthorizationError/)]);
  });
});
