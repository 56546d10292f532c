// The services' entry, `import { createClient } from 'starquake/client'`.
export {
  createClient,
  type AwaitOptions,
  type Client,
  type ClientOptions,
  type FailureReport,
  type ListOptions,
  type RequestOptions,
  type RunHandle,
  type StartOptions,
  type WorkflowName,
} from './client.ts';
export type { Fetch } from './http-caller.ts';
export type { HistoryEvent, RunList, RunView, ScheduleBody, ScheduleView } from './http-contract.ts';
export { StarquakeError } from '../protocol/starquake-error.ts';
