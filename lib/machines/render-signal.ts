// Renders what a machine of a group does at the end of its first boot: it tells CloudFormation whether it works, so that a release that does not stops there.

/** Who waits for the signal. */
export interface SignalTo {
  /** Name of the stack. */
  readonly stack: string;
  /** Logical id of the group; may be a token. */
  readonly resource: string;
}

/** CloudFormation gives up on a machine that has said nothing for so long, minutes. */
export const SIGNAL_MINUTES = 30;
/** What the machine itself waits for its connector, seconds: less, so that a failure is told rather than waited for. */
const READY_SECONDS = 1_200;

/**
 * Renders the end of the user data of such a machine; it uses what `renderStart` has set before it.
 *
 * @param bin - where the scripts of machines are
 * @example
 * renderStart(node, connector, installer) + renderSignal({ stack: 'starquake-engine', resource: 'Group' });
 */
export const renderSignal = ({ stack, resource }: SignalTo, bin = '/opt/starquake/bin'): string => `
# An update of the group goes on when this machine works, and back when it does not.
status=FAILURE
if ${bin}/check connector ${READY_SECONDS}; then status=SUCCESS; fi
# A machine that came with the load, outside of any update, is waited for by nobody: that is no error.
aws cloudformation signal-resource --stack-name '${stack}' --logical-resource-id '${resource}' \\
  --unique-id "$(</var/lib/cloud/data/instance-id)" --status "$status" ||
  echo 'Nobody waits for the signal of this machine.' >&2
`;
