// Values of authors on the wire: inline JSON up to 64 KiB, a link into the payload store above (rule 20).
import { z } from 'zod';

export const payloadLinkSchema = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().nonnegative() });

/** The name of a value in the payload store: the SHA-256 of its JSON text, and that text's length. */
export type PayloadLink = z.infer<typeof payloadLinkSchema>;

export const payloadSchema = z.union([z.object({ link: payloadLinkSchema }), z.object({ json: z.unknown().exactOptional() })]);

/** A value: `{}` is undefined, `{ json }` is inline, `{ link }` names it in the payload store. */
export type Payload = { readonly link: PayloadLink } | { readonly json?: unknown };

export const failureSchema = z.object({
  code: z.string(),
  name: z.string(),
  message: z.string(),
  stack: z.string().exactOptional(),
  data: z.unknown().exactOptional(),
});

/** An error as it travels: a code of the catalogue or the author's own, the error's class name, its message. */
export type Failure = Readonly<z.infer<typeof failureSchema>>;
