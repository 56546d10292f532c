// Ships an app: what its author wrote becomes functions, versions of them, and a manifest in the registry of an engine.
import { join, resolve } from 'node:path';
import { AspectPriority, Aspects, CfnResource, RemovalPolicy, Stage } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { bundleAppNow } from '../../src/bundle/bundle-app-now.ts';
import type { Bundle } from '../../src/bundle/bundle-app.ts';
import { nameDeployment } from '../../src/bundle/name-deployment.ts';
import type { Manifest, ManifestJob } from '../../src/protocol/manifest.ts';
import { StarquakeError } from '../../src/protocol/starquake-error.ts';
import { nameFunctionPrefix, nameRegistry } from '../settings/names.ts';
import { AppFunction, type AppFunctionProps, type AppFunctionSettings, type JobFunctionProps } from './workflow-app-function.ts';
import { ForeignFunctions } from './workflow-app-foreign.ts';
import { RegisteredManifest } from './workflow-app-manifest.ts';
import { takeOrder } from './workflow-app-order.ts';

/** An engine that is deployed, or will be: apps join it by its name. */
export interface EngineReference {
  /** As in the settings of the platform. */
  readonly name: string;
}

/** How to ship an app. */
export interface WorkflowAppProps {
  /** Path of the file that exports the app as default, from the working folder. */
  readonly entry: string;
  /** Default `{ name: 'starquake' }`. */
  readonly engine?: EngineReference;
  /** Orders deployments, from 1, higher is newer; numbered by `orderFile` unless given. A number is used once. */
  readonly order?: number;
  /** Numbers deployments; commit it. Default `starquake.deployments.json` in the working folder. */
  readonly orderFile?: string;
  /** What functions of jobs have beside their definitions, by the names of the jobs. */
  readonly jobs?: Readonly<Record<string, JobFunctionProps>>;
  /** Memory of the decision function, in MiB. Default 256. */
  readonly decisionMemoryMb?: number;
  /** Default one month. */
  readonly logRetention?: RetentionDays;
  /** Encrypts logs; CloudWatch's own key unless given. */
  readonly logKey?: IKey;
  /** Encrypts environments at rest; Lambda's own key unless given. */
  readonly environmentKey?: IKey;
  /** Who invokes functions of somebody else that jobs name; found by the name of the engine unless given. */
  readonly connectorRole?: IRole;
  /** What becomes of what the template no longer names: kept unless given, for the runs that are pinned to it; `-c starquake:removal=destroy` lets it go. */
  readonly removalPolicy?: RemovalPolicy;
}

const ENGINE_FUNCTION_TIMEOUT_MS = 30_000;
const ORDER_FILE = 'starquake.deployments.json';
/** With `-c starquake:frozen=true`, code without a number is an error. */
const FROZEN = 'starquake:frozen';
/** With `-c starquake:removal=destroy`, an app goes when its stack does. */
const REMOVAL = 'starquake:removal';
/** Without it, a tag would make another version of the same code, which Lambda refuses. */
const VERSION_FLAG = '@aws-cdk/aws-lambda:recognizeVersionProps';

/**
 * Ships an app: one decision function, one job-retry function and one function for each job, each with a role of its own; an alias of
 * each that names the deployment; and the manifest, which is put into the registry last.
 *
 * @throws BUNDLE_FAILED with file and line; APP_INVALID for what Lambda cannot run; JOB_UNKNOWN for a job of `jobs` that the app lacks;
 * DEPLOYMENT_UNNUMBERED, SETTINGS_INVALID
 * @example
 * const booking = new WorkflowApp(this, 'Booking', { entry: 'workflows/booking/app.ts' });
 * flights.grantReadWriteData(booking.job('book-flight'));
 * booking.job('book-flight').addEnvironment('TABLE', flights.tableName);
 */
export class WorkflowApp extends Construct {
  /** What this deployment offers. */
  readonly manifest: Manifest;
  /** May do nothing but write its log, whatever the app does: decisions are pure. */
  readonly decisionFunction: Function;
  /** May do nothing but write its log. */
  readonly jobRetryFunction: Function;
  readonly #jobs: ReadonlyMap<string, Function>;

  constructor(scope: Construct, id: string, props: WorkflowAppProps) {
    super(scope, id);
    this.node.setContext(VERSION_FLAG, true);
    const engine = props.engine ?? { name: 'starquake' };
    const bundled = bundleAppNow(props.entry, { outDir: join(Stage.of(this)?.assetOutdir ?? 'cdk.out', 'starquake', this.node.addr) });
    const content = bundled.manifest.deployment;
    const order = findOrder(this, props, bundled.manifest);
    const bundle = nameDeployment(bundled, { deployment: String(order), order });
    this.manifest = applySettings(bundle.manifest, props.jobs ?? {});
    const make = prepare(this, { bundle, content, settings: makeSettings(props, engine) });
    const memory = props.decisionMemoryMb === undefined ? {} : { memoryMb: props.decisionMemoryMb };
    const decision = make('Decision', this.manifest.decisionFunction, { timeoutMs: ENGINE_FUNCTION_TIMEOUT_MS, ...memory });
    const jobRetry = make('JobRetry', this.manifest.jobRetryFunction, { timeoutMs: ENGINE_FUNCTION_TIMEOUT_MS });
    const [own, foreign] = [this.manifest.jobs.filter(isOwn), this.manifest.jobs.filter((job) => !isOwn(job))];
    const jobs = own.map((job) => make(`Job-${job.name}`, job.function, describeJob(job, props.jobs?.[job.name])));
    const allowed = foreign.length === 0 ? [] : [this.#allowForeign(foreign, engine, props)];
    const after = [decision, jobRetry, ...jobs, ...allowed];
    new RegisteredManifest(this, 'Manifest', { folder: nameRegistry(engine), manifest: this.manifest, content, after });
    this.decisionFunction = decision.function;
    this.jobRetryFunction = jobRetry.function;
    this.#jobs = new Map(own.flatMap(({ name }, i) => (jobs[i] ? [[name, jobs[i].function]] : [])));
    keep(this, props.removalPolicy ?? findRemoval(this));
  }

  /**
   * The function of a job: what it is granted, no other job gets.
   *
   * @throws JOB_UNKNOWN for a job that the app lacks, or that somebody else's function runs
   * @example
   * bucket.grantRead(app.job('resize'));
   */
  job(name: string): Function {
    const found = this.#jobs.get(name);
    if (found !== undefined) return found;
    throw makeUnknownJob(this.manifest, name);
  }

  #allowForeign(jobs: readonly ManifestJob[], engine: EngineReference, { connectorRole }: WorkflowAppProps): ForeignFunctions {
    const functions = jobs.map((job) => job.function);
    return new ForeignFunctions(this, 'ForeignFunctions', { functions, engine, ...(connectorRole && { connectorRole }) });
  }
}

const isOwn = ({ plain }: ManifestJob): boolean => plain !== true;

const findOrder = (scope: Construct, { order, orderFile = ORDER_FILE }: WorkflowAppProps, { app, deployment }: Manifest): number => {
  if (order === undefined) {
    const frozen = String(scope.node.tryGetContext(FROZEN)) === 'true';
    return takeOrder(resolve(orderFile), { app, content: deployment, frozen });
  }
  if (Number.isSafeInteger(order) && order > 0) return order;
  throw new StarquakeError('SETTINGS_INVALID', `The order of the app "${app}" is ${order}; it must be a whole number from 1.`);
};

const makeSettings = ({ logRetention, logKey, environmentKey }: WorkflowAppProps, engine: EngineReference): AppFunctionSettings => ({
  prefix: nameFunctionPrefix(engine),
  logRetention: logRetention ?? RetentionDays.ONE_MONTH,
  ...(logKey && { logKey }),
  ...(environmentKey && { environmentKey }),
});

type MakeFunction = (
  id: string,
  name: string,
  more: Pick<AppFunctionProps, 'timeoutMs' | 'maxConcurrency' | 'job'> & { readonly memoryMb?: number },
) => AppFunction;

/** All functions of a deployment are made of the same bundle, with the same settings. */
const prepare = (
  scope: Construct,
  { bundle, content, settings }: { readonly bundle: Bundle; readonly content: string; readonly settings: AppFunctionSettings },
): MakeFunction => {
  const bundled = new Map(bundle.functions.map((fn) => [fn.name, fn]));
  return (id, name, more) => {
    const { file, memoryMb } = bundled.get(name) ?? { file: '', memoryMb: 0 };
    return new AppFunction(scope, id, { settings, name, content, file, memoryMb, ...more });
  };
};

const describeJob = ({ timeoutMs, memoryMb, maxConcurrency }: ManifestJob, job: JobFunctionProps = {}): Parameters<MakeFunction>[2] => ({
  memoryMb,
  timeoutMs: Math.min(timeoutMs + ANSWER_MARGIN_MS, LONGEST_TIMEOUT_MS),
  job,
  ...(maxConcurrency !== undefined && { maxConcurrency }),
});

const makeUnknownJob = ({ app, jobs }: Manifest, name: string): StarquakeError => {
  const foreign = jobs.find((job) => job.name === name);
  return new StarquakeError(
    'JOB_UNKNOWN',
    foreign === undefined
      ? `The app "${app}" has no job "${name}".`
      : `The job "${name}" is run by "${foreign.function}", which is not deployed with the app "${app}".`,
  );
};

/** Above the timeout of an attempt, so that the function can still say that it was reached. */
const ANSWER_MARGIN_MS = 5_000;
const LONGEST_TIMEOUT_MS = 900_000;
const [LEAST_MEMORY_MB, MOST_MEMORY_MB] = [128, 10_240];

/** The manifest with the memory that the stack gives. What Lambda would refuse minutes later is refused here. */
const applySettings = (manifest: Manifest, given: Readonly<Record<string, JobFunctionProps>>): Manifest => {
  const unknown = Object.keys(given).find((name) => !manifest.jobs.some((job) => job.name === name && isOwn(job)));
  if (unknown !== undefined) throw makeUnknownJob(manifest, unknown);
  const jobs = manifest.jobs.map((job) => ({ ...job, memoryMb: given[job.name]?.memoryMb ?? job.memoryMb }));
  jobs.filter(isOwn).forEach(checkLimits);
  return { ...manifest, jobs };
};

const checkLimits = ({ name, timeoutMs, memoryMb }: ManifestJob): void => {
  if (timeoutMs > LONGEST_TIMEOUT_MS)
    throw new StarquakeError('APP_INVALID', `The job "${name}" may take ${timeoutMs} ms; Lambda ends a function after 15 minutes.`, {
      hint: 'Cut it into shorter jobs, or return `attempt.completeLater()` and have the work done elsewhere.',
    });
  if (memoryMb < LEAST_MEMORY_MB || memoryMb > MOST_MEMORY_MB)
    throw new StarquakeError('APP_INVALID', `The job "${name}" wants ${memoryMb} MiB; Lambda gives from 128 to 10,240.`);
};

const findRemoval = (scope: Construct): RemovalPolicy =>
  scope.node.tryGetContext(REMOVAL) === 'destroy' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** A run is pinned to a deployment: its functions, what they may do and the manifest outlive the template that made them. */
const keep = (scope: Construct, policy: RemovalPolicy): void => {
  const visit = (node: IConstruct): void => {
    if (!CfnResource.isCfnResource(node)) return;
    node.applyRemovalPolicy(policy);
    // CloudFormation takes up a policy only along with another change of the resource.
    if (policy === RemovalPolicy.DESTROY) node.addMetadata(REMOVAL, policy);
  };
  Aspects.of(scope).add({ visit }, { priority: AspectPriority.MUTATING });
};
