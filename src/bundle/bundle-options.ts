// What the parts of a bundle are built with.

/** How to bundle an app. */
export interface BundleOptions {
  /** Folder that the files are written into; made if it is not there. */
  readonly outDir: string;
  /** Name of the deployment; made from the content when left out, so that equal code has an equal name. */
  readonly deployment?: string;
  /** Number that orders deployments, higher is newer; the time of the newest source file in milliseconds when left out. */
  readonly order?: number;
  /** Shortens the code. Default false. */
  readonly minify?: boolean;
  /** One function for all jobs (the default), or one for each with the code of that job alone. */
  readonly jobs?: 'together' | 'each';
}
