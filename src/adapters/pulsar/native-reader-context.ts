// What every reader through the native client works with.
import type { NativeClient } from './native-client.ts';
import type { PartitionAddress } from './transport.ts';

/** What every reader works with. */
export interface NativeReaderContext {
  readonly client: NativeClient;
  /** The partition's full name, as the client wants it. */
  readonly nameOf: (address: PartitionAddress) => string;
  readonly report: (error: unknown, doing: string) => void;
  /** Resolves after so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
}
