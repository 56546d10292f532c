// Measures the line as it runs in production on stand-ins of AWS: a real broker, DynamoDB's local server, functions in processes, the connector as one.
import { driveRuns, type Drive } from './aws-local-drive-runs.ts';
import { measureLiveRuns } from './aws-local-live-runs.ts';
import { measureLoad } from './aws-local-measure-load.ts';
import { onConnector, onLine, type Line } from './aws-local/open-line.ts';

/** Too late for the bus (rule 17): the retention goes through the timer store, and is removed from it while this runs. */
const RETENTION = '150s';
const FULL_LOAD = 500;

const makeDrive = (name: string, inFlight: number, seconds: number): Drive => ({
  load: { app: 'booking-sequential', workflow: 'book-sequentially', input: { order: 'order-1' } },
  stepsPerRun: 4,
  name,
  inFlight,
  seconds,
});

const measureCounts = (line: Line, scale: number) =>
  onConnector(line, { STARQUAKE_COMPLETED_RETENTION: RETENTION }, async (connector) => {
    await driveRuns(line, makeDrive('warm', 50, 15 * scale));
    const low = await measureLoad(line, connector, makeDrive('low', 1, 8 * scale));
    return { low, full: await measureLoad(line, connector, makeDrive('full', FULL_LOAD, 15 * scale)) };
  });

/** Without the proxies, which take their share of the machine. */
const measureTiming = (line: Line, scale: number) => {
  const { AWS_ENDPOINT_URL_DYNAMODB = '', AWS_ENDPOINT_URL_LAMBDA = '', AWS_ENDPOINT_URL_S3 = '' } = line.aws.environment;
  return onConnector(line, { AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_LAMBDA, AWS_ENDPOINT_URL_S3 }, async () => {
    await driveRuns(line, makeDrive('again', 50, 10 * scale));
    const figures = [];
    for (const inFlight of [1, 50, 200, 500]) figures.push(await driveRuns(line, makeDrive(`timed${inFlight}`, inFlight, 10 * scale)));
    return figures;
  });
};

/** Runs the benchmark. @param scale - 1 for the full size */
export const benchAwsLocal = (scale: number) =>
  onLine('workflows/booking-sequential/app.ts', async (line) => {
    const counts = await measureCounts(line, scale);
    const timing = await measureTiming(line, scale);
    const liveRuns = await measureLiveRuns(line, scale);
    // By now the mover has taken the retention of the first runs; their watches go ten minutes after the attempts could have ended.
    const writesInTheEnd = Object.fromEntries([...line.writes.count('low-')].map(([name, writes]) => [name, writes / counts.low.runs]));
    return { benchmark: 'aws-local', counts: { ...counts, writesPerRunInTheEnd: writesInTheEnd }, timing, liveRuns };
  });
