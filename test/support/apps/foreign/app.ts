// An app whose job is somebody's own function.
import { app, job, workflow } from 'starquake';

const resize = job<{ readonly image: string }, { readonly small: string }>({ name: 'resize', function: 'resize-images:live' });

/** Makes a small image of a large one. */
export const makeThumbnail = workflow({
  name: 'make-thumbnail',
  run: async ({ image }: { readonly image: string }, flow) => (await flow.run(resize, { image })).small,
});

export default app({ name: 'thumbnails', workflows: [makeThumbnail], jobs: [resize] });
