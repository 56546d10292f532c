// Resolves and puts the payloads of events on their way into and out of a decision: workflow code never sees a link.
import type { DecisionInput, PutGrant, RunDecision } from '../../protocol/functions.ts';
import { INLINE_LIMIT_BYTES } from '../../protocol/limits.ts';
import type { Payload } from '../../protocol/payload.ts';
import { putPayload } from './put-payload.ts';
import { readPayload, type Links } from './read-payload.ts';

type Transfer = (payload: Payload) => Promise<Payload>;

/**
 * A run with every payload of its events inline.
 *
 * @param run - a DecisionInput as JSON
 */
export const readEvents = async (run: string, links: Links): Promise<string> => {
  const input = JSON.parse(run) as DecisionInput;
  const events = await Promise.all(input.events.map((event) => transfer(event, (payload) => readPayload(payload, links))));
  return JSON.stringify({ ...input, events } satisfies DecisionInput);
};

/**
 * A decision with every large payload put under the grant.
 *
 * @param text - a RunDecision as JSON
 */
export const putDecided = async (text: string, grant: PutGrant): Promise<string> => {
  if (text.length * MOST_BYTES_PER_UNIT <= INLINE_LIMIT_BYTES) return text;
  const decision = JSON.parse(text) as RunDecision;
  if (decision.kind !== 'decided') return text;
  const events = await Promise.all(decision.events.map((event) => transfer(event, (payload) => putPayload(payload, grant))));
  return JSON.stringify({ ...decision, events } satisfies RunDecision);
};

/** The most that one unit of a text takes in UTF-8. */
const MOST_BYTES_PER_UNIT = 3;

/** Payloads stand in these fields of events, and in the unread signals that a run is continued with. */
const payloadFields = ['input', 'output', 'value'] as const;

const transfer = async <E extends object>(event: E, move: Transfer): Promise<E> => {
  let moved = event;
  for (const field of payloadFields) {
    const payload: unknown = Reflect.get(event, field);
    if (isPayload(payload)) moved = { ...moved, [field]: await move(payload) };
  }
  const signals: unknown = Reflect.get(event, 'signals');
  if (!Array.isArray(signals)) return moved;
  return { ...moved, signals: await Promise.all((signals as readonly object[]).map((signal) => transfer(signal, move))) };
};

const isPayload = (value: unknown): value is Payload => typeof value === 'object' && value !== null;
