// Proves what a realm over node:vm promises: steps come to rest, endless code is cut, and nothing of the outside can be reached.
import { describe, expect, it } from 'vitest';
import { makeVmRealm } from '../../../../src/adapters/vm-realm/vm-realm.ts';
import type { Realm, RealmHost, WorkflowRuntime } from '../../../../src/ports/realm.ts';

const host: RealmHost = { findNextOccurrence: (rule, after) => `${rule}@${after}` };

/** Evaluates a runtime whose `deliver` runs the given code and whose `close` answers `globalThis.said`. */
const evaluate = (code: string, given: RealmHost = host): { realm: Realm; runtime: WorkflowRuntime } => {
  const realm = makeVmRealm();
  const source = `globalThis.said = '';
    globalThis.starquakeRuntime = { open: (input) => input.length, deliver() { ${code} }, close: () => String(globalThis.said), abandon() {} };`;
  return { realm, runtime: realm.evaluate(source, given) };
};

const say = (code: string, given?: RealmHost): string => {
  const { realm, runtime } = evaluate(code, given);
  realm.step(() => runtime.deliver());
  return runtime.close();
};

describe('a step', () => {
  it('ends when all microtasks that it caused are done', () => {
    expect(say('(async () => { for (let i = 0; i < 100; i++) { await undefined; said += "."; } })();')).toBe('.'.repeat(100));
  });

  it('runs what a promise resolved by it was waiting for', () => {
    const { realm, runtime } = evaluate(
      'if (globalThis.go) go(); else new Promise((resolve) => { globalThis.go = resolve; }).then(() => { said = "went on"; });',
    );
    realm.step(() => runtime.deliver());
    expect(runtime.close()).toBe('');
    realm.step(() => runtime.deliver());
    expect(runtime.close()).toBe('went on');
  });

  it('lets an error of the realm out as an error of this one, with its code and name', () => {
    const { realm, runtime } = evaluate('throw Object.assign(new RangeError("too far"), { code: "FAR" });');
    expect(() => realm.step(() => runtime.deliver())).toThrow(
      expect.objectContaining({ message: 'too far', name: 'RangeError', code: 'FAR' }),
    );
    expect(() => realm.step(() => runtime.deliver())).toThrow(Error);
  });
});

describe('a limit', () => {
  const endless = {
    'a loop': 'for (;;);',
    'a loop after an await': '(async () => { await undefined; for (;;); })();',
    'a chain of microtasks without end': 'const again = () => Promise.resolve().then(again); again();',
  };

  it.each(Object.entries(endless))('cuts off %s inside of a step', (_, code) => {
    const { realm, runtime } = evaluate(code);
    const cut = () => realm.limit(() => realm.step(() => runtime.deliver()), 20);
    expect(cut).toThrow(expect.objectContaining({ code: 'DECISION_TIMED_OUT' }));
  });

  it('lets nothing of a realm that was cut off go on', async () => {
    const { realm, runtime } = evaluate('const again = () => { said = (said || 0) + 1; return Promise.resolve().then(again); }; again();');
    expect(() => realm.limit(() => realm.step(() => runtime.deliver()), 20)).toThrow('cut off');
    const said = runtime.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(runtime.close()).toBe(said);
  });

  it('answers what was called, and passes on what it throws', () => {
    const { realm } = evaluate('');
    expect(realm.limit(() => 42, 1_000)).toBe(42);
    expect(() => realm.limit(() => realm.limit(() => 42, 1_000), 1_000)).not.toThrow();
    const boom = new Error('boom');
    expect(() =>
      realm.limit(() => {
        throw boom;
      }, 1_000),
    ).toThrow(boom);
  });
});

describe('a realm', () => {
  it('has nothing of Node in it', () => {
    expect(say('said = [typeof process, typeof require, typeof setTimeout, typeof fetch, typeof Buffer].join();')).toBe(
      Array(5).fill('undefined').join(),
    );
  });

  it('makes no code from texts', () => {
    expect(say('try { new Function("return 1")(); said = "made"; } catch (error) { said = error.name; }')).toBe('EvalError');
  });

  it('asks its host', () => {
    expect(say('said = starquakeHost.findNextOccurrence("monday", 5);')).toBe('monday@5');
  });

  it('cannot reach the outside through its host, its errors, or an overflowing stack', () => {
    const failing: RealmHost = {
      findNextOccurrence: () => {
        throw new Error('no such rule');
      },
    };
    const isInside = (value: string) => `${value}.constructor === (() => {}).constructor`;
    expect(say(`said = ${isInside('starquakeHost.findNextOccurrence')};`)).toBe('true');
    expect(say('said = starquakeHost.findNextOccurrence("x", 1);', failing)).toBe('!no such rule');
    const deep = `const dive = () => { try { dive(); } catch (error) { try { starquakeHost.findNextOccurrence("x", 1); } catch (other) { error = other; } said = said || error instanceof Error; } }; dive();`;
    expect(say(deep)).toBe('true');
  });

  it('refuses a bundle that leaves no runtime', () => {
    expect(() => makeVmRealm().evaluate('1;', host)).toThrow(expect.objectContaining({ code: 'DECISION_CRASHED' }));
  });
});
