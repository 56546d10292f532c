// What is put on a machine.

/** A file of a machine. */
export interface MachineFile {
  readonly path: string;
  readonly text: string;
  readonly mode: '0644' | '0755';
}
