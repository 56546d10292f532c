// Sends requests to one bucket of S3, tells what each has used, and turns a missing object into an answer.
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { CallOptions } from '../../ports/clock.ts';
import { callAws } from '../aws-calls/call-aws.ts';
import { makeClientSettings, type AwsPlace } from '../aws-calls/client-settings.ts';
import { readErrorName } from '../aws-calls/read-trouble.ts';

/** Where a bucket is. */
export interface BucketPlace extends AwsPlace {
  readonly bucket: string;
  /** Names the bucket in the path: for stand-ins, which have no domain for each bucket. */
  readonly forcePathStyle?: boolean;
}

/** A call to S3. */
export interface ObjectCall extends CallOptions {
  /** Names it in errors and figures: `putPayload`. */
  readonly operation: string;
}

/** A form that anybody may post for a while. */
export interface PresignedForm {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** What a form may put. */
export interface FormRules {
  readonly prefix: string;
  readonly mostBytes: number;
  readonly validSeconds: number;
}

/** Requests to a bucket. */
export interface ObjectClient {
  readonly bucket: string;
  /** @param sha256 - of the bytes, base64: S3 refuses others */
  put(key: string, bytes: Uint8Array, sha256: string, call: ObjectCall): Promise<void>;
  /** Undefined when there is no such object. */
  get(key: string, call: ObjectCall): Promise<Uint8Array | undefined>;
  has(key: string, call: ObjectCall): Promise<boolean>;
  /** A URL that anybody may read the object at for a while; made without asking S3. */
  signLink(key: string, validSeconds: number): Promise<string>;
  /** A form that anybody may put objects with, by any name below a prefix; made without asking S3. */
  signForm(rules: FormRules): Promise<PresignedForm>;
  close(): void;
}

const MISSING = new Set(['NoSuchKey', 'NotFound']);

/** Half of the whole: a large value takes longer than a lost answer should be waited for, but not by much. */
const SHARE_OF_REQUEST = 0.5;

const count = ({ operation, onConsumed }: ObjectCall, kind: 'readUnits' | 'writeUnits'): void =>
  onConsumed?.({ operation: `s3.${operation}`, readUnits: 0, writeUnits: 0, [kind]: 1 });

/** Sends one request and counts it: S3 is paid by request, answered well or not. */
const send = <T>(call: ObjectCall, kind: 'readUnits' | 'writeUnits', request: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const { operation, timeoutMs } = call;
  return callAws({ operation: `s3.${operation}`, timeoutMs, requestMs: timeoutMs * SHARE_OF_REQUEST }, ({ signal }) => {
    count(call, kind);
    return request(signal);
  });
};

/** What `request` answers, undefined when S3 has no such object. */
const orMissing = async <T>(request: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await request();
  } catch (error) {
    if (MISSING.has(readErrorName(error))) return undefined;
    throw error;
  }
};

/** Makes a client; `close` ends its connections. */
export const createObjectClient = ({ bucket, forcePathStyle = false, ...place }: BucketPlace): ObjectClient => {
  const client = new S3Client({ ...makeClientSettings(place), forcePathStyle });
  const locate = (key: string) => ({ Bucket: bucket, Key: key });
  return {
    bucket,
    put: async (key, bytes, sha256, call) => {
      const command = { ...locate(key), Body: bytes, ContentType: 'application/json', ChecksumSHA256: sha256 };
      await send(call, 'writeUnits', (signal) => client.send(new PutObjectCommand(command), { abortSignal: signal }));
    },
    get: (key, call) =>
      send(call, 'readUnits', (signal) =>
        orMissing(async () => {
          const { Body } = await client.send(new GetObjectCommand(locate(key)), { abortSignal: signal });
          return Body?.transformToByteArray();
        }),
      ),
    has: (key, call) =>
      send(call, 'readUnits', async (signal) => {
        const head = await orMissing(() => client.send(new HeadObjectCommand(locate(key)), { abortSignal: signal }));
        return head !== undefined;
      }),
    signLink: (key, validSeconds) => getSignedUrl(client, new GetObjectCommand(locate(key)), { expiresIn: validSeconds }),
    signForm: async ({ prefix, mostBytes, validSeconds }) =>
      createPresignedPost(client, {
        Bucket: bucket,
        // So the key is not fixed by the signature, but bound to the prefix.
        Key: `${prefix}\${filename}`,
        Conditions: [
          ['content-length-range', 0, mostBytes],
          ['starts-with', '$x-amz-checksum-sha256', ''],
        ],
        Fields: { 'Content-Type': 'application/json', 'x-amz-checksum-algorithm': 'SHA256' },
        Expires: validSeconds,
      }),
    close: () => client.destroy(),
  };
};
