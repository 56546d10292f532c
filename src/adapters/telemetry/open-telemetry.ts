// Telemetry through OpenTelemetry: metrics as Prometheus reads them, and one trace per run, sent over OTLP where a collector is named.
import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags, type Attributes } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type IdGenerator,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import { metrics, type MetricDefinition, type MetricName } from '../../protocol/metrics.ts';
import { deriveRunSpanId, findTraceId } from '../../protocol/trace-context.ts';
import type { Span, Telemetry } from '../../ports/telemetry.ts';

/** How to open it. */
export interface OpenTelemetryOptions {
  /** Names this process among others of its kind. */
  readonly instance: string;
  readonly version: string;
  /** Where spans go; no trace is kept when left out. */
  readonly spans?: SpanExporter;
  /** Share of runs that are traced, from 0 to 1; the same runs in every process. */
  readonly traceShare?: number;
}

/** Telemetry that can be read and closed. */
export interface OpenTelemetry extends Telemetry {
  /** All metrics, in the text format of Prometheus. */
  readMetrics(): Promise<string>;
  /** Sends what is left. */
  close(): Promise<void>;
}

const SCOPE = 'starquake';

/** Gives the ids that a span is to have, so that spans of other processes can stand under one that is not told yet. */
class GivenIds implements IdGenerator {
  traceId = '';
  spanId: string | undefined;
  readonly #random = new RandomIdGenerator();

  generateTraceId(): string {
    return this.traceId;
  }

  generateSpanId(): string {
    return this.spanId ?? this.#random.generateSpanId();
  }
}

const makeMetrics = (provider: MeterProvider): Pick<Telemetry, 'count' | 'measure' | 'watch'> => {
  const meter = provider.getMeter(SCOPE);
  const counters = new Map<string, (amount: number, labels?: Attributes) => void>();
  const gauges = new Map<string, Set<() => number>>();
  const describe = ({ what, unit, buckets }: MetricDefinition) => ({
    description: what,
    ...(unit !== undefined && { unit }),
    ...(buckets !== undefined && { advice: { explicitBucketBoundaries: [...buckets] } }),
  });
  for (const [name, definition] of Object.entries<MetricDefinition>(metrics)) {
    if (definition.kind === 'counter') {
      const counter = meter.createCounter(name, describe(definition));
      // Who adds up what came since the last look is never told of what appears with its first count.
      if (definition.labels.length === 0) counter.add(0);
      if (name === ('starquake_troubles' satisfies MetricName)) counter.add(0, { code: 'UPGRADE_ME' });
      counters.set(name, (amount, labels) => counter.add(amount, labels));
    } else if (definition.kind === 'histogram') {
      const histogram = meter.createHistogram(name, describe(definition));
      counters.set(name, (value, labels) => histogram.record(value, labels));
    } else {
      meter.createObservableGauge(name, describe(definition)).addCallback((result) => {
        result.observe([...(gauges.get(name) ?? [])].reduce((sum, read) => sum + read(), 0));
      });
    }
  }
  return {
    count: (name, amount, labels) => counters.get(name)?.(amount, labels),
    measure: (name, value, labels) => counters.get(name)?.(value, labels),
    watch: (name, read) => {
      const readers = gauges.get(name) ?? new Set();
      gauges.set(name, readers.add(read));
      return () => void readers.delete(read);
    },
  };
};

const makeTrace = (provider: TracerProvider, ids: GivenIds): Telemetry['trace'] => {
  const tracer = provider.getTracer(SCOPE);
  return ({ run, traceparent, name, from, to, id, parent, attributes, failure }: Span): void => {
    const runSpan = deriveRunSpanId(run);
    const traceId = findTraceId(run, traceparent);
    // The run itself stands under whatever it was started in, if anything; all else under the run.
    const above = id === runSpan ? traceparent?.slice(36, 52) : (parent ?? runSpan);
    const context =
      above === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: above, traceFlags: TraceFlags.SAMPLED, isRemote: true });
    ids.traceId = traceId;
    ids.spanId = id;
    const span = tracer.startSpan(name, { startTime: new Date(from), attributes }, context);
    if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
    span.end(new Date(to));
  };
};

/**
 * Opens telemetry.
 *
 * @example
 * const telemetry = openTelemetry({ instance: 'connector-1', version: '1.0.0', spans: new OTLPTraceExporter() });
 * const text = await telemetry.readMetrics();
 */
export const openTelemetry = ({ instance, version, spans, traceShare = 1 }: OpenTelemetryOptions): OpenTelemetry => {
  const resource = resourceFromAttributes({ 'service.name': SCOPE, 'service.instance.id': instance, 'service.version': version });
  const reader = new PrometheusExporter({ preventServerStart: true });
  const serializer = new PrometheusSerializer('', false, undefined, false, true);
  const meters = new MeterProvider({ resource, readers: [reader] });
  const ids = new GivenIds();
  const tracers =
    spans &&
    new TracerProvider({
      resource,
      idGenerator: ids,
      sampler: new TraceIdRatioBasedSampler(traceShare),
      spanProcessors: [new BatchSpanProcessor({ exporter: spans })],
    });
  return {
    ...makeMetrics(meters),
    trace: tracers === undefined ? () => undefined : makeTrace(tracers, ids),
    readMetrics: async () => serializer.serialize((await reader.collect()).resourceMetrics),
    close: async () => {
      await Promise.all([meters.shutdown(), tracers?.shutdown()]);
    },
  };
};
