// What the stores cost: histories and timers in DynamoDB; archives, offloaded topics and large values in S3.
import Big from 'big.js';
import { pricePart, type CostPart } from './cost-part.ts';
import { readFigure } from './read-figure.ts';
import { measureTraffic } from './measure-traffic.ts';
import { MONTH, type Workload } from './workload.ts';

/** Bytes to GB; AWS's are a little larger, so that this counts up to 7 % too much. */
const GB = new Big('0.000000001');
const UNIT_BYTES = 1024;
const DAYS_PER_MONTH = new Big(MONTH.hours).div(24);

/** Bytes of a commit as it is stored. */
const measureCommit = (workload: Workload): Big => {
  const bytes = readFigure('commitBytes').plus(measureTraffic(workload).valueBytes.times(readFigure('valuesPerCommit')));
  return bytes.lte(UNIT_BYTES) ? bytes : bytes.times(readFigure('deflatedShare'));
};

/** Write units of one run: 17 for four jobs whose commits are of one unit each. */
export const countWritesPerRun = (workload: Workload): Big => {
  const units = measureCommit(workload).div(UNIT_BYTES).round(0, Big.roundUp);
  const commits = workload.timers.plus(workload.steps + 1);
  return commits
    .times(readFigure('writesPerCommit'))
    .times(units)
    .plus(readFigure('otherWritesPerRun'))
    .plus(workload.timers.times(readFigure('writesPerTimer')))
    .plus(workload.retryShare.times(workload.steps).times(readFigure('writesPerRetry')));
};

/** Prices what is in DynamoDB. */
export const priceState = (workload: Workload): readonly CostPart[] => {
  const runs = workload.runsPerMonth;
  const { commits } = measureTraffic(workload);
  const stored = commits.times(measureCommit(workload)).times(readFigure('tableDays')).div(DAYS_PER_MONTH).times(GB);
  const reads = runs.times(readFigure('readsPerRun')).plus(readFigure('timerReadsPerSecond').times(MONTH.seconds));
  return [
    pricePart('state', 'DynamoDB: writes', 'dynamodb.write', runs.times(countWritesPerRun(workload))),
    pricePart('state', 'DynamoDB: reads', 'dynamodb.read', reads),
    pricePart('state', 'DynamoDB: storage', 'dynamodb.storage', stored),
    pricePart('state', 'DynamoDB: point-in-time recovery', 'dynamodb.backup', stored),
    pricePart('state', 'DynamoDB: nightly backups, 7 kept', 'dynamodb.nightly', stored.times(readFigure('backupsKept'))),
  ];
};

/** Prices what is in S3, once as much is there as is kept. */
export const priceObjects = (workload: Workload): readonly CostPart[] => {
  const runs = workload.runsPerMonth;
  const { commits, steps, largeValues, valueBytes } = measureTraffic(workload);
  const months = new Big(workload.retentionDays).div(DAYS_PER_MONTH);
  const archives = commits.times(measureCommit(workload));
  const topics = steps.times(readFigure('keptBytesPerStep').plus(valueBytes.times(readFigure('valuesPerCommit'))));
  const large = largeValues.times(workload.payloadBytes);
  const puts = runs.plus(largeValues).plus(topics.div(readFigure('blockBytes')));
  return [
    pricePart('objects', 'S3: an archive for each run, large values, offload', 's3.put', puts),
    pricePart('objects', 'S3: reads of large values', 's3.get', largeValues),
    pricePart('objects', 'S3: storage', 's3.storage', archives.plus(topics).plus(large).times(months).times(GB)),
  ];
};
