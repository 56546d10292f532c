// The README of a new repository: how to run, test and deploy it.
import type { Project } from './project.ts';

/** Writes it. */
export const writeReadme = ({ app, engine }: Project): string => `# ${app}

Workflows and jobs for Starquake. Node 22.18 or later.

## Run it

\`\`\`sh
npm install
npm start
\`\`\`

\`npm start\` runs a whole engine here, durable in \`.starquake/\`, and takes up every change of the source. In another terminal:

\`\`\`sh
npx starquake start ${app}/welcome-customer --input '{"name":"Ada","mail":"ada@example.com","askAfter":"2s"}' --wait
npx starquake list
\`\`\`

## Test it

\`\`\`sh
npm test
npm run types
\`\`\`

The tests run on the real engine in memory, where days pass at once.

## Deploy it

It joins the engine of the platform \`${engine}\`, which is deployed already (\`lib/app-stack.ts\` names it), in the account and the region
that your AWS credentials and \`AWS_REGION\` say.

\`\`\`sh
npm run synth
npm run deploy
\`\`\`

\`npm run synth\` gives changed code the next number, in \`starquake.deployments.json\`: commit that file with the code. A pipeline deploys
with \`npx cdk deploy -c starquake:frozen=true\`, which refuses code that has no number.

Runs stay on the deployment that they started on. A new deployment leaves what the ones before it need: their versions, aliases and
manifests, and the functions of jobs that the app no longer has.
`;
