// The settings of this repository's own platform: what is left out has the value that lib/settings/settings.ts names.
import { defineSettings } from './lib/settings/define-settings.ts';

export default defineSettings({
  // Stands before the name of everything: a second platform in the same account has another.
  name: 'starquake',
  // `dev` is one machine, `small` three that survive the loss of one, `production` a group for each role; `-c size=` goes first.
  size: 'dev',
  region: 'us-east-1',
  artefacts: {
    // What the machines fetch from the bucket of artefacts, each checked against its hash: put in your own after you have uploaded them
    // (docs/deploy.md). With zeros everything is synthesized and deployed, but no machine starts.
    pulsar: { version: '4.0.8', sha256: '0'.repeat(64) },
    offloaders: { version: '4.0.8', sha256: '0'.repeat(64) },
    connector: { version: '0.1.0', sha256: '0'.repeat(64) },
  },
});
