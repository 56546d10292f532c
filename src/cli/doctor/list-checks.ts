// All checks, in the order in which they are told: what others need comes first.
import { apiCheck } from './check-api.ts';
import { binaryPortCheck, brokerCheck, healthCheck, webSocketCheck } from './check-broker.ts';
import { clockCheck } from './check-clocks.ts';
import { credentialsCheck } from './check-credentials.ts';
import { dataCheck } from './check-data.ts';
import { deadLettersCheck } from './check-dead-letters.ts';
import { functionsCheck } from './check-functions.ts';
import { offloadCheck } from './check-offload.ts';
import { quotaCheck } from './check-quota.ts';
import { settingsCheck } from './check-settings.ts';
import { subscriptionsCheck } from './check-subscriptions.ts';
import { topicsCheck } from './check-topics.ts';
import type { Check } from './finding.ts';

/** What the doctor looks at. */
export const checks: readonly Check[] = [
  brokerCheck,
  credentialsCheck,
  healthCheck,
  webSocketCheck,
  binaryPortCheck,
  clockCheck,
  settingsCheck,
  topicsCheck,
  subscriptionsCheck,
  quotaCheck,
  deadLettersCheck,
  offloadCheck,
  functionsCheck,
  dataCheck,
  apiCheck,
];
