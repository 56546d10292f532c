// The OpenAPI document: valid, and true to the routes that there are.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openApi, type ApiHarness } from './api-harness.ts';

const schemaObject = z.record(z.string(), z.unknown());
const content = z.object({ 'application/json': z.object({ schema: schemaObject }) });
const documentSchema = z.object({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.object({ title: z.string().min(1), version: z.string().min(1) }),
  components: z.object({ schemas: z.record(z.string(), schemaObject) }),
  paths: z.record(
    z.string().startsWith('/'),
    z
      .record(
        z.enum(['get', 'post', 'put']),
        z.object({
          summary: z.string().min(1),
          parameters: z
            .array(
              z.object({
                name: z.string(),
                in: z.enum(['path', 'query', 'header']),
                required: z.boolean().optional(),
                schema: schemaObject,
              }),
            )
            .optional(),
          requestBody: z.object({ required: z.boolean().optional(), content }).optional(),
          responses: z.record(
            z.string().regex(/^([1-5]\d\d|default)$/),
            z.object({ description: z.string().min(1), content: content.optional() }),
          ),
        }),
      )
      .or(schemaObject),
  ),
});

let harness: ApiHarness;
let json: unknown;
beforeAll(async () => {
  harness = await openApi();
  json = (await harness.send('GET', '/openapi.json')).body;
});
afterAll(() => harness.close());

const listReferences = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' && typeof inner === 'string' ? [inner] : listReferences(inner)));
};

describe('the OpenAPI document', () => {
  it('has the shape that OpenAPI 3.1 asks for', () => {
    expect(documentSchema.safeParse(json).error).toBeUndefined();
  });

  it('names every route, and no other', () => {
    const { paths } = documentSchema.parse(json);
    const named = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = harness.api.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/openapi.json')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect([...new Set(named)].toSorted()).toEqual([...new Set(served)].toSorted());
  });

  it('declares every parameter of a path', () => {
    for (const [path, methods] of Object.entries(documentSchema.parse(json).paths)) {
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const operation of Object.values(methods)) {
        const { parameters = [] } = z
          .object({ parameters: z.array(z.object({ name: z.string(), in: z.string() })).optional() })
          .parse(operation);
        expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(wanted);
      }
    }
  });

  it('refers only to schemas that it has', () => {
    const { components } = documentSchema.parse(json);
    for (const reference of listReferences(json)) expect(components.schemas).toHaveProperty(reference.replace('#/components/schemas/', ''));
  });

  it('requires of a run only what every run has', () => {
    const { required } = z.object({ required: z.array(z.string()) }).parse(documentSchema.parse(json).components.schemas['Run']);
    expect(required).toEqual(['runId', 'status', 'tags', 'createdAt', 'version', 'waitingFor']);
  });
});
