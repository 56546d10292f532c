// A function that answers its request, and which thread it ran in.
import { threadId } from 'node:worker_threads';

export const handler = async (request: unknown): Promise<unknown> => ({ request, threadId });
