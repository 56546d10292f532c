// How people call the command where they are.

/** The command where the package runs from its source, and where it is installed. */
export const commandName = import.meta.url.endsWith('.ts') ? 'npm run -s starquake --' : 'npx starquake';
