// Lets the demo see every message as it is published, without taking any from its reader.
import type { Bus, OutgoingMessage } from '../ports/bus.ts';

/** The same bus; the listeners of the moment are told of each message once it is durable. */
export const watchPublished = (bus: Bus, listeners: ReadonlySet<(message: OutgoingMessage) => void>): Bus => ({
  declareTopics: (topics, options) => bus.declareTopics(topics, options),
  subscribeStream: (topic, consumer, options) => bus.subscribeStream(topic, consumer, options),
  subscribeQueue: (topic, consumer, options) => bus.subscribeQueue(topic, consumer, options),
  readStream: (topic, partition, from, limit, options) => bus.readStream(topic, partition, from, limit, options),
  async publish(messages, options) {
    await bus.publish(messages, options);
    for (const listener of listeners) messages.forEach(listener);
  },
});
