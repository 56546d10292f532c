// Finds measurements of a platform in CloudWatch, by the names that its agents bring them under.
import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { nameMetrics, type Named } from '../settings/names.ts';
import { platformMetrics, type ScrapedMetric, type ScrapedMetricName } from '../settings/scraped-metrics.ts';

/** How measurements of one period become a figure. */
export type Statistic = 'sum' | 'maximum' | 'minimum' | 'average';

const statistics: Readonly<Record<Statistic, string>> = {
  sum: Stats.SUM,
  maximum: Stats.MAXIMUM,
  minimum: Stats.MINIMUM,
  average: Stats.AVERAGE,
};

/** How a measurement is looked at. */
export interface MetricView {
  readonly statistic: Statistic;
  readonly minutes: number;
  /** Values of all labels that the measurement keeps. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What a graph calls it. */
  readonly label?: string;
}

/** Finds a measurement that agents bring. @example find('runEnds', { statistic: 'sum', minutes: 5, labels: { status: 'failed' } }) */
export const findScraped = (platform: Named, name: ScrapedMetricName, { statistic, minutes, labels = {}, label }: MetricView): Metric => {
  const metric: ScrapedMetric = platformMetrics[name];
  return new Metric({
    namespace: nameMetrics(platform),
    metricName: metric.name,
    dimensionsMap: { job: metric.source, ...labels },
    statistic: statistics[statistic],
    period: Duration.minutes(minutes),
    ...(label !== undefined && { label }),
  });
};

/** Finds a measurement that AWS makes by itself. */
export const findAws = (
  namespace: string,
  metricName: string,
  dimensionsMap: Readonly<Record<string, string>>,
  { statistic, minutes, label }: MetricView,
): Metric =>
  new Metric({
    namespace,
    metricName,
    dimensionsMap: { ...dimensionsMap },
    statistic: statistics[statistic],
    period: Duration.minutes(minutes),
    ...(label !== undefined && { label }),
  });
