// Asks the emulator of CloudFormation what it made of a stack: it answers that all is well also where it made nothing.
const LONGEST_MS = 10_000;

/** How many there are, by type. */
export type TypeCounts = Readonly<Record<string, number>>;

/** Counts the types of a list. */
export const countTypes = (types: readonly string[]): TypeCounts => {
  const counts: Record<string, number> = {};
  for (const type of types.toSorted()) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
};

/**
 * What was made of a stack.
 *
 * @param endpoint - of the emulator
 * @throws Error when it does not answer
 */
export const listMade = async (endpoint: string, stack: string): Promise<TypeCounts> => {
  const answer = await fetch(endpoint, {
    method: 'POST',
    // It looks at the service in what would be signed, and at nothing else of it.
    headers: {
      authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/cloudformation/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: new URLSearchParams({ Version: '2010-05-15', Action: 'ListStackResources', StackName: stack }),
    signal: AbortSignal.timeout(LONGEST_MS),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The emulator does not know the stack ${stack}: ${text}`);
  return countTypes([...text.matchAll(/<ResourceType>([^<]+)</g)].flatMap(([, type]) => type ?? []));
};
