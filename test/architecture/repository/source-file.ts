// Names what every rule looks at: the files of the repository as plain data, so that a rule can be shown a planted violation.

/** A text file; `path` is relative to the root of the repository, with `/` between folders. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A promise about the repository, with a file that breaks it and, where a rule could be too eager, files that keep it. */
export interface Rule {
  readonly promise: string;
  /** Lists what breaks the promise, one sentence each, beginning with the path of the file. */
  readonly findViolations: (files: readonly SourceFile[]) => string[];
  /** Each is a small repository with one violation. */
  readonly broken: Readonly<Record<string, readonly SourceFile[]>>;
  /** Each is a small repository without any. */
  readonly kept?: Readonly<Record<string, readonly SourceFile[]>>;
}
