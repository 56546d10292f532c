// Reads what a runbook has machines run out of its document.
import { z } from 'zod';
import type { Runbook } from '../../../lib/machines/write-runbooks.ts';

const stepSchema = z.object({
  name: z.string(),
  inputs: z.object({
    /** Of a document that is a command itself. */
    runCommand: z.array(z.string()).optional(),
    /** Of an automation. */
    Parameters: z.object({ commands: z.array(z.string()) }).optional(),
  }),
});
const documentSchema = z.object({ mainSteps: z.array(stepSchema) });

/**
 * The lines of a step.
 *
 * @param parameters - of the runbook, by name
 * @throws Error when it has no such step
 */
export const readCommands = ({ content }: Runbook, step: string, parameters: Readonly<Record<string, string>> = {}): readonly string[] => {
  const found = documentSchema.parse(content).mainSteps.find(({ name }) => name === step);
  const lines = found?.inputs.runCommand ?? found?.inputs.Parameters?.commands;
  if (lines === undefined) throw new Error(`The runbook has no step ${step} that runs anything.`);
  return lines.map((line) => line.replaceAll(/\{\{ (\w+) \}\}/g, (whole, name: string) => parameters[name] ?? whole));
};
