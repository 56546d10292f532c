// The run store on DynamoDB keeps the run store contract, on DynamoDB's local implementation.
import { describe } from 'vitest';
import { runsTable } from '../../src/platform/tables.ts';
import { makeRunStore, openDynamo, startDynamo } from './dynamodb-harness.ts';
import { describeRunStore } from './describe-run-store.ts';

const dynamo = await startDynamo();

describe.skipIf(dynamo.missing !== '')(`on DynamoDB's local implementation${dynamo.missing}`, () => {
  describeRunStore('dynamodb', () => openDynamo(dynamo.use(), runsTable, makeRunStore()));
});
