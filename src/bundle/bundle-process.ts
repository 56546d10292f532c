// The process that bundles for somebody who cannot wait: takes what to bundle as its argument, answers on stdout as JSON.
import { findHint } from '../protocol/errors.ts';
import { bundleApp } from './bundle-app.ts';
import { bundleTaskSchema, type BundleAnswer } from './bundle-task.ts';
import { explainBuildFailure } from './explain-build-failure.ts';

const answer = async (task: string): Promise<BundleAnswer> => {
  const { entry, options } = bundleTaskSchema.parse(JSON.parse(task));
  try {
    return { bundle: await bundleApp(entry, options) };
  } catch (thrown) {
    const error = explainBuildFailure(thrown, entry);
    return { error: { code: error.code, message: error.message, hint: findHint(error) } };
  }
};

process.stdout.write(JSON.stringify(await answer(process.argv[2] ?? '')));
