// Proves that docs/settings.md has every variable that the connector reads, and no other.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const VARIABLE = /\b(?:STARQUAKE|OTEL)_[A-Z_]+\b/g;
const listVariables = (...files: readonly string[]): readonly string[] =>
  [...new Set(files.flatMap((file) => readFileSync(file, 'utf8').match(VARIABLE) ?? []))].toSorted();

describe('the settings of the connector', () => {
  it('are documented, all of them and no others', () => {
    const read = listVariables('src/connector/service/pulsar-settings.ts', 'src/connector/service/read-environment.ts');
    expect(read.length).toBeGreaterThan(20);
    expect(listVariables('docs/settings.md')).toEqual(read);
  });
});
