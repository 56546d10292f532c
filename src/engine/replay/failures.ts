// Errors of workflow code as they travel, and values as JSON.
import { INLINE_LIMIT_BYTES, PAYLOAD_LIMIT_BYTES } from '../../protocol/limits.ts';
import type { Failure, Payload } from '../../protocol/payload.ts';
import { countBytes, writeJson } from '../../protocol/write-json.ts';
import { WorkflowCodeError } from '../../sdk/errors.ts';

const readText = (error: object, field: string): string | undefined => {
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' ? value : undefined;
};

/** A message travels inline, so it is cut here. */
const MESSAGE_CHARACTERS = 8000;

/** An error, or whatever was thrown, as it travels. */
export const describeFailure = (error: unknown): Failure => {
  if (typeof error !== 'object' || error === null) return { code: 'RUN_FAILED', name: 'Error', message: String(error) };
  const name = readText(error, 'name') ?? 'Error';
  return { code: readText(error, 'code') ?? name, name, message: (readText(error, 'message') ?? '').slice(0, MESSAGE_CHARACTERS) };
};

/**
 * A value as it travels; it is written out at once, so that later changes to the object do not reach it.
 *
 * @throws WorkflowCodeError OUTPUT_NOT_JSON, PAYLOAD_TOO_LARGE
 */
export const writePayload = (value: unknown, what: string): Payload => {
  if (value === undefined) return {};
  let text: string | undefined;
  try {
    text = writeJson(value);
  } catch (error) {
    throw new WorkflowCodeError(
      'OUTPUT_NOT_JSON',
      `${what} cannot be written as JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (text === undefined) return {};
  // Three bytes are the most that one unit of a text takes.
  if (text.length * 3 > PAYLOAD_LIMIT_BYTES && countBytes(text) > PAYLOAD_LIMIT_BYTES)
    throw new WorkflowCodeError('PAYLOAD_TOO_LARGE', `${what} is over the limit of ${PAYLOAD_LIMIT_BYTES} bytes of JSON.`);
  const json: unknown = JSON.parse(text);
  return { json };
};

/** The value of a payload whose link was resolved by the entry point. */
export const readPayload = (payload: Payload): unknown => ('json' in payload ? payload.json : undefined);

/**
 * The JSON of a value that always travels inline.
 *
 * @throws WorkflowCodeError OUTPUT_NOT_JSON, PAYLOAD_TOO_LARGE
 */
export const readSmall = (value: unknown, what: string): unknown => {
  const json = readPayload(writePayload(value, what));
  if (json !== undefined && countBytes(JSON.stringify(json)) > INLINE_LIMIT_BYTES)
    throw new WorkflowCodeError('PAYLOAD_TOO_LARGE', `${what} is over the limit of ${INLINE_LIMIT_BYTES} bytes of JSON.`);
  return json;
};

/**
 * Tags as they travel.
 *
 * @throws WorkflowCodeError REQUEST_INVALID, PAYLOAD_TOO_LARGE
 */
export const checkTags = (tags: Readonly<Record<string, unknown>>): Record<string, string> => {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(tags)) {
    if (typeof value !== 'string')
      throw new WorkflowCodeError('REQUEST_INVALID', `The tag "${name}" is a ${typeof value}; tags are texts.`);
    checked[name] = value;
  }
  readSmall(checked, 'The tags');
  return checked;
};
