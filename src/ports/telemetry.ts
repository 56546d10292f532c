// The port to whoever watches the engine: figures of itself, and a trace of every run.
import type { CounterName, GaugeName, HistogramName } from '../protocol/metrics.ts';

/** What a figure is of; the keys are the metric's labels. */
export type Labels = Readonly<Record<string, string | boolean>>;

/** Something that took time in a run, told when it is over. */
export interface Span {
  readonly run: string;
  /** The context that the run was started in, if any. */
  readonly traceparent?: string | undefined;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** 16 hexadecimal digits, for one that others stand under (protocol/trace-context.ts); any when left out. */
  readonly id?: string;
  /** What it stands under: the run's own span when left out. */
  readonly parent?: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** What went wrong, if anything did. */
  readonly failure?: string;
}

/** Takes what the engine tells of itself; nothing depends on it. */
export interface Telemetry {
  count(counter: CounterName, amount: number, labels?: Labels): void;
  /** @param value - in the metric's unit */
  measure(histogram: HistogramName, value: number, labels?: Labels): void;
  /** Reads the gauge whenever somebody looks; returns how to stop. */
  watch(gauge: GaugeName, read: () => number): () => void;
  trace(span: Span): void;
}
