// Every error a person can meet has a code here, with what it means and what to do; docs/errors.md lists the same codes.

/** What a code means and what to do about it. */
export interface CatalogueEntry {
  readonly what: string;
  readonly hint: string;
}

/** The catalogue of codes, in alphabetical order. */
export const errorCatalogue = {
  ADDRESS_IN_USE: {
    what: 'The port to listen on is taken by another process.',
    hint: 'Choose another port with --port, or stop the process that has it.',
  },
  APP_INVALID: {
    what: 'The app definition cannot be used as written.',
    hint: 'Correct the definition that the message names; names must be unique and in kebab-case.',
  },
  APP_UNKNOWN: { what: 'No deployment of this app is known yet.', hint: 'Deploy the app; runs that wait for it go on by themselves.' },
  ATTEMPT_TIMED_OUT: {
    what: 'An attempt of a job took longer than its timeout.',
    hint: 'Raise `timeout` on the job, or make the job quicker.',
  },
  BUNDLE_FAILED: { what: 'The app could not be bundled.', hint: 'Correct the source at the place that the message names.' },
  BUS_REFUSED: {
    what: 'The message bus did not accept the credentials.',
    hint: 'Check the token or the certificate, and what its role may do on the namespace that the message names.',
  },
  BUS_UNREACHABLE: {
    what: 'The message bus could not be reached.',
    hint: 'Check the address, and that the broker is up; the call is repeated.',
  },
  CALENDAR_RULE_INVALID: {
    what: 'A calendar rule cannot be understood.',
    hint: "Use next('monday', '09:00', 'Europe/Paris') or cron('0 9 * * 1', 'Europe/Paris').",
  },
  CALL_TIMED_OUT: {
    what: 'A call to an outside part did not answer before its deadline.',
    hint: 'Check that the part named in the message is reachable; the call is repeated.',
  },
  CANCEL_BLOCKED: {
    what: 'A blocked run cannot be canceled: its code cannot be asked to clean up.',
    hint: 'Use `terminate`, or deploy code that replays.',
  },
  COMPENSATION_PENDING: {
    what: '`continueAs` was called while undo functions are registered.',
    hint: 'Finish or undo what is registered before continuing as a new run.',
  },
  CONNECTION_FAILED: { what: 'The server could not be reached.', hint: 'Start it with `starquake dev`, or set STARQUAKE_URL.' },
  DATA_CORRUPT: {
    what: 'The data folder holds a record that cannot be read.',
    hint: 'Restore the folder from a backup; the message names the file and the place.',
  },
  DATA_IN_USE: { what: 'Another process uses this data folder.', hint: 'Stop the other process, or choose another folder with --data.' },
  DATA_MISMATCH: {
    what: 'The data folder and the Pulsar namespace do not belong together: a part of the history would be missing.',
    hint: 'Bring back together what was started together, or begin anew with a new --data folder and a new --namespace.',
  },
  DATA_TORN: {
    what: 'The last record in the data folder was not written whole, and was cut off.',
    hint: 'Nothing to do: it was never answered, so nothing was lost.',
  },
  DECISION_CRASHED: { what: 'The decision function failed before it answered.', hint: 'See the cause; the run is tried again by itself.' },
  DECISION_TIMED_OUT: {
    what: 'The workflow code did not come to rest within the time limit.',
    hint: 'Look for an endless loop, or move long computing into a job.',
  },
  DEPLOYMENT_UNKNOWN: {
    what: 'The deployment that this run is pinned to is not known.',
    hint: 'Bring the deployment back, or deploy a newer one; the run tries it by itself.',
  },
  DEPLOYMENT_UNNUMBERED: {
    what: 'The code of an app is not the one that its newest number stands for.',
    hint: 'Run `npx cdk synth` and commit `starquake.deployments.json` together with the code.',
  },
  DURATION_INVALID: {
    what: 'A duration cannot be understood.',
    hint: "Write milliseconds as a number, or text such as '30s', '5 minutes', '3 days'.",
  },
  FORBIDDEN_IN_WORKFLOW: {
    what: 'Workflow code called something that is not deterministic.',
    hint: 'Use what the message names, or move the call into a job.',
  },
  FUNCTION_CRASHED: { what: 'A function ended without an answer.', hint: 'See the cause and the function log.' },
  FUNCTION_FORBIDDEN: {
    what: 'A function may not be invoked with the credentials at hand.',
    hint: 'Allow `lambda:InvokeFunction` on the function that the message names; it is tried again by itself.',
  },
  FUNCTION_NOT_FOUND: { what: 'No function of that name is deployed.', hint: 'Deploy it, or correct the name in the manifest.' },
  FUNCTION_OUT_OF_MEMORY: {
    what: 'A function used more memory than it has.',
    hint: 'Raise `memoryMb` of the job, or make it hold less at once.',
  },
  FUNCTION_TIMED_OUT: { what: 'A function did not answer within its timeout.', hint: 'Raise the timeout, or make the function quicker.' },
  FUNCTION_UNANSWERED: {
    what: 'An invocation broke off: nobody knows whether the function ran.',
    hint: 'It is tried again by itself; the idempotency key is for what must not happen twice.',
  },
  FUNCTION_UNAVAILABLE: {
    what: 'A function cannot be started at the moment.',
    hint: 'It is tried again by itself; see what the message says of its network, its files or its state.',
  },
  FUNCTION_UNUSABLE: {
    what: 'A function is deployed in a way that cannot run, or refuses the request as such.',
    hint: 'Correct what the message names (runtime, code, key, network) and deploy it again.',
  },
  INPUT_INVALID: { what: 'An input does not fit its schema.', hint: 'Correct the input at the place that the message names.' },
  INTERNAL: { what: 'Something failed that should not.', hint: 'Report it with the message and the cause.' },
  JOB_CANCELED: { what: 'The job was canceled.', hint: 'Catch JobCanceledError where the job is awaited if that is expected.' },
  JOB_FAILED: { what: 'A job failed and will not be retried by itself.', hint: 'See the cause; `starquake job retry` tries it again.' },
  JOB_NOT_OPEN: { what: 'The job is not in a state that allows this.', hint: 'Show the run to see the state of its jobs.' },
  JOB_THREW: { what: 'A job threw something that is not an Error.', hint: 'Throw an Error, so that its message and stack are kept.' },
  JOB_UNKNOWN: {
    what: 'No job of that name or number is known.',
    hint: 'Check the spelling, and that the job is listed in `app({ jobs })`.',
  },
  KEYS_MISSING: {
    what: 'Something is sealed, and this process has no keys.',
    hint: 'Start it with the keys that the others have: STARQUAKE_KEYS, or --keys.',
  },
  MEMORY_SHORT: {
    what: 'This process uses nearly all the memory that it may, and begins attempts one at a time.',
    hint: 'Give it more (STARQUAKE_MEMORY_MB, if the machine has it), or start another connector beside it.',
  },
  MESSAGE_INVALID: { what: 'A message cannot be parsed.', hint: 'It was moved to `dead-letters` with its error.' },
  NON_DETERMINISTIC: {
    what: "The workflow code does not agree with the run's history.",
    hint: 'Guard the change with flow.changed(id), or deploy code that replays; both sides are in the message.',
  },
  NOT_DUE: { what: 'The timer is not waiting.', hint: 'Show the run to see its timers.' },
  OUTPUT_INVALID: { what: 'An output does not fit its schema.', hint: 'Correct the code that made it, or the schema.' },
  OUTPUT_NOT_JSON: {
    what: 'A value cannot be written as JSON.',
    hint: 'Return plain objects, arrays, strings, numbers, booleans or null.',
  },
  PAYLOAD_MISSING: {
    what: 'A stored payload is gone.',
    hint: 'Payloads are deleted by age only; raise the retention above the longest run.',
  },
  PAYLOAD_TOO_LARGE: { what: 'A value is larger than the limit.', hint: 'Store it yourself and pass a reference, or raise the limit.' },
  PULSAR_CLIENT_MISSING: {
    what: 'The native Pulsar client is not there, or cannot be loaded.',
    hint: 'Install `pulsar-client` with its addon, or use the WebSocket adapter, which needs none.',
  },
  PULSAR_FAILED: {
    what: 'The local Pulsar does not do what it was asked.',
    hint: 'See the end of its log, in the message; `starquake pulsar down --purge` removes it with its data, for a new start.',
  },
  PULSAR_MISSING: {
    what: 'There is no Pulsar distribution on this machine, and none could be fetched.',
    hint: 'Set PULSAR_HOME to an unpacked Pulsar, or install Java 17 and Maven, or a container engine.',
  },
  REACTED: { what: 'The workflow has already acted on the failure, so it cannot be withdrawn.', hint: 'Start a new run instead.' },
  REQUEST_INVALID: { what: 'The request cannot be understood.', hint: 'Correct what the message names.' },
  REQUEST_TIMED_OUT: {
    what: 'The request was taken, but its outcome was not seen in time.',
    hint: 'Ask again with the same Idempotency-Key: it counts once.',
  },
  RETRY_INVALID: {
    what: 'A retry function threw, or answered something else than a duration or stop.',
    hint: 'Correct the `retry` of the job that the message names.',
  },
  RETRY_PARENT: { what: 'A child run is retried through its parent.', hint: 'Retry the parent run that the message names.' },
  RUN_CANCELED: { what: 'The run was canceled.', hint: 'Catch RunCanceledError to clean up; compensations run by themselves.' },
  RUN_CLOSED: { what: 'The run has ended.', hint: 'Start a new run.' },
  RUN_EXISTS: { what: 'A run of this id exists with another workflow or input.', hint: 'Choose another run id.' },
  RUN_FAILED: { what: 'The run failed.', hint: 'See the cause; `starquake retry` tries it again.' },
  RUN_NOT_FAILED: { what: 'Only a failed run can be retried.', hint: 'Show the run to see its state.' },
  RUN_STATE: { what: 'The run is not in a state that allows this.', hint: 'Show the run to see its state.' },
  RUN_TERMINATED: { what: 'The run was terminated.', hint: 'Start a new run.' },
  RUN_UNKNOWN: { what: 'No run of this id is known.', hint: 'Check the run id.' },
  SCHEDULE_INVALID: { what: 'A schedule cannot be used as written.', hint: 'Correct what the message names.' },
  SETTINGS_INVALID: { what: 'A setting cannot be understood.', hint: 'Correct the setting that the message names.' },
  SIGNAL_INVALID: { what: 'A signal does not fit its schema.', hint: 'Correct what sends it; the receive that met it threw.' },
  STORE_FAILED: { what: 'The store refused a read or a write.', hint: 'See the cause: disk full, or no permission.' },
  STUCK: {
    what: 'A process has stopped making progress.',
    hint: 'It ends by itself so that another takes over; report it with the last lines of its log.',
  },
  TENANT_ERASED: {
    what: 'The key of this tenant was erased, and all that was sealed with it.',
    hint: 'Use another name for a new tenant.',
  },
  THROTTLED: { what: 'A part asked to slow down.', hint: 'It is tried again by itself.' },
  TOPIC_FIXED: {
    what: 'A stream cannot be given another number of partitions.',
    hint: 'Keep the number that the message names, or use a new namespace and let the runs of the old one end there.',
  },
  UPGRADE_ME: { what: 'A message or an event of a newer version was met.', hint: 'Upgrade this process; nothing was lost.' },
  VALUE_UNREADABLE: {
    what: 'A sealed text cannot be opened.',
    hint: 'It was sealed with other keys, or was changed: use the keys that it was written with.',
  },
  WORKFLOW_UNKNOWN: {
    what: 'The app has no workflow of that name.',
    hint: 'Check the spelling, and that the workflow is listed in `app({ workflows })`.',
  },
} as const satisfies Record<string, CatalogueEntry>;

/** A code of the catalogue. */
export type ErrorCode = keyof typeof errorCatalogue;

/** What to do about an error: what it says itself, else what the catalogue says of its code. */
export const findHint = ({ code, hint }: { readonly code: ErrorCode; readonly hint?: string }): string => hint ?? errorCatalogue[code].hint;

/** Whether a text is a code of the catalogue. */
export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(errorCatalogue, text);
