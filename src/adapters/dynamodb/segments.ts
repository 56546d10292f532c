// The old commits of a long run, many to a text in the payload store, and the item that names these texts.
import { z } from 'zod';
import { payloadLinkSchema } from '../../protocol/payload.ts';
import { keyOf, parseItem, SEGMENTS_KEY } from './commit-items.ts';
import type { Item } from './dynamo-client.ts';

const segmentSchema = z.object({
  link: payloadLinkSchema,
  from: z.int().positive(),
  to: z.int().positive(),
  /** When it was put last, milliseconds since the epoch: the payload store deletes by age. */
  putAt: z.number(),
});

/** Versions `from` to `to` of a run, in one text. */
export type Segment = z.infer<typeof segmentSchema>;

/** All segments of a run, in order, without a gap from version 1 on. */
export interface SegmentList {
  /** Raised by each change: a change is put on condition that it is still the one that was read. */
  readonly revision: number;
  readonly segments: readonly Segment[];
}

/** The list of a run that has no segments. */
export const NO_SEGMENTS: SegmentList = { revision: 0, segments: [] };

const listItemSchema = z.object({
  item: z.object({ S: z.literal(SEGMENTS_KEY) }),
  revision: z.object({ N: z.string() }),
  segments: z.object({ S: z.string() }),
});

/** Whether an item of a run names its segments. */
export const isSegmentList = (item: Item): boolean => item['item']?.S === SEGMENTS_KEY;

export const readSegmentList = (item: Item): SegmentList => {
  const { revision, segments } = parseItem(listItemSchema, item, 'a list of segments');
  return { revision: Number(revision.N), segments: z.array(segmentSchema).parse(JSON.parse(segments.S)) };
};

export const writeSegmentList = (run: string, { revision, segments }: SegmentList): Item => ({
  ...keyOf(run, SEGMENTS_KEY),
  revision: { N: String(revision) },
  segments: { S: JSON.stringify(segments) },
});

/** The highest version that is in a segment, 0 if none is. */
export const findCovered = ({ segments }: SegmentList): number => segments.at(-1)?.to ?? 0;

/** The texts of commits, one a line: JSON has no line breaks of its own. */
export const joinTexts = (texts: readonly string[]): string => texts.join('\n');

export const splitTexts = (text: string): readonly string[] => text.split('\n');
