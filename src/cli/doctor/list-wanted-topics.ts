// Lists the topics that the engine and the apps that were named need.
import { jobTopic, topics, type TopicDefinition } from '../../protocol/topics.ts';
import type { AppState } from './doctor-parts.ts';

/** The topics of the engine, and the job topics of apps; an app that cannot be had is told of elsewhere. */
export const listWantedTopics = (inboxPartitions: number, apps: readonly AppState[]): readonly TopicDefinition[] => [
  ...Object.values<TopicDefinition>({ ...topics, inbox: { ...topics.inbox, partitions: inboxPartitions } }),
  ...apps.flatMap((app) => ('manifest' in app ? app.manifest.jobs.map(({ name }) => jobTopic(app.manifest.app, name)) : [])),
];
