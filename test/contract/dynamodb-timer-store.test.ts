// The timer store on DynamoDB keeps the timer store contract, on DynamoDB's local implementation.
import { describe } from 'vitest';
import { timersTable } from '../../src/platform/tables.ts';
import { makeTimerStore, openDynamo, startDynamo } from './dynamodb-harness.ts';
import { describeTimerStore } from './describe-timer-store.ts';

const dynamo = await startDynamo();

describe.skipIf(dynamo.missing !== '')(`on DynamoDB's local implementation${dynamo.missing}`, () => {
  describeTimerStore('dynamodb', () => openDynamo(dynamo.use(), timersTable, makeTimerStore));
});
