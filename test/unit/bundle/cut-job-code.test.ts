// Proves which code is cut from a module, and which is not.
import { describe, expect, it } from 'vitest';
import { cutJobCode } from '../../../src/bundle/cut-job-code.ts';

const CUT = 'run() { throw new Error("The code of this job is not in this bundle."); }';

describe('cutting job code', () => {
  it.each([
    ['a method', 'async run(trip) { SECRET(trip); }'],
    ['an arrow function', 'run: async (trip) => SECRET(trip)'],
    ['a name of a function', 'run: SECRET'],
    ['a key in quotes', "'run': SECRET"],
  ])('takes out a run written as %s', (_, run) => {
    const code = cutJobCode(
      `import { job } from 'starquake'; import SECRET from 'secret'; export const save = job({ name: 'save', timeout: '5s', ${run} });`,
    );
    expect(code).toBe(`import { job } from 'starquake';  export const save = job({ name: 'save', timeout: '5s', ${CUT} });`);
  });

  it.each([
    ['another name', "import { job as defineJob } from 'starquake'; defineJob({ run: () => SECRET });"],
    ['the whole package', "import * as starquake from 'starquake'; starquake.job({ run: () => SECRET });"],
  ])('knows job by %s', (_, source) => {
    expect(cutJobCode(source)).not.toContain('SECRET');
  });

  it.each([
    ['a workflow', "import { job, workflow } from 'starquake'; workflow({ run: () => KEPT });"],
    ['a job of another package', "import { job } from 'cron-jobs'; job({ run: () => KEPT });"],
    ['a definition made elsewhere', "import { job } from 'starquake'; job(KEPT);"],
    ['a retry function', "import { job } from 'starquake'; job({ retry: () => KEPT, run: () => 1 });"],
  ])('keeps %s', (_, source) => {
    expect(cutJobCode(source)).toContain('KEPT');
  });

  it('takes out what only the cut code used, and what only that used', () => {
    const code = cutJobCode(`
      import { job } from 'starquake'; import gone from 'gone'; import { half, other } from 'half'; import kept from 'kept';
      const pool = gone.open(); let client; const { a, b: [c] } = pool;
      function connect() { return client ??= pool; }
      class Gone { use() { return c + a; } }
      export const save = job({ run: () => [connect(), new Gone(), half, kept] });
      export const also = kept(other);`);
    for (const name of ['gone', 'Gone', 'pool', 'client', 'connect']) expect(code).not.toContain(name);
    expect(code).toContain("import { half, other } from 'half'");
    expect(code).toContain("import kept from 'kept'");
  });

  it('keeps what was not used before either, and what other modules may use', () => {
    const code = cutJobCode(
      "import { job } from 'starquake'; import 'effect'; const started = start(); export const shown = open(); job({ run: () => shown });",
    );
    expect(code).toContain("import 'effect'");
    expect(code).toContain('const started = start()');
    expect(code).toContain('export const shown = open()');
  });

  it('keeps the one job that is asked for', () => {
    const source = "import { job } from 'starquake'; job({ name: 'one', run: () => ONE }); job({ name: 'two', run: () => TWO });";
    const code = cutJobCode(source, (name) => name === 'two');
    expect(code).toContain('TWO');
    expect(code).not.toContain('ONE');
  });
});
