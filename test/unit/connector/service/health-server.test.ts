// Proves what a connector answers to whoever looks after it.
import { describe, expect, it } from 'vitest';
import { createHealthApi, startHealthServer } from '../../../../src/connector/service/health-server.ts';

const readMetrics = (): Promise<string> => Promise.resolve('starquake_cached_runs 1\n');

describe('the health of a connector', () => {
  it('lives as long as it answers', async () => {
    const answer = await createHealthApi({ listObstacles: () => ['the bus is away'], readMetrics }).request('/live');
    expect(answer.status).toBe(200);
  });

  it('is ready when nothing stands in its way', async () => {
    const answer = await createHealthApi({ listObstacles: () => [], readMetrics }).request('/ready');
    expect([answer.status, await answer.json()]).toEqual([200, { ready: true, obstacles: [] }]);
  });

  it('says what stands in its way', async () => {
    const answer = await createHealthApi({ listObstacles: () => ['the bus is away'], readMetrics }).request('/ready');
    expect([answer.status, await answer.json()]).toEqual([503, { ready: false, obstacles: ['the bus is away'] }]);
  });

  it('shows its metrics as Prometheus reads them', async () => {
    const answer = await createHealthApi({ listObstacles: () => [], readMetrics }).request('/metrics');
    expect(answer.headers.get('content-type')).toContain('version=0.0.4');
    expect(await answer.text()).toBe('starquake_cached_runs 1\n');
  });

  it('a port that is taken is said to be', async () => {
    const health = { listObstacles: () => [], readMetrics };
    const first = await startHealthServer(health, '127.0.0.1', 0);
    await expect(startHealthServer(health, '127.0.0.1', first.port)).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
    await first.close();
  });
});
