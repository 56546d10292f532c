// What the workflow needs of its own.
export const describeOrder = (order: string): string => `MARKER-OF-WORKFLOW ${order}`;
