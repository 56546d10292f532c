// Stands in for what only a machine on AWS has: each program of this list is put before the real ones on a script's path.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the stand-ins need to know. */
export interface StandInPlace {
  /** Where they are put. */
  readonly folder: string;
  /** Of the test: `systemctl` posts its parameters there, and ends when it has been answered. */
  readonly systemUrl: string;
  /** Holds the text of each secret in a file of its name. */
  readonly secretsFolder: string;
}

const listPrograms = ({ systemUrl, secretsFolder }: StandInPlace): Readonly<Record<string, string>> => ({
  systemctl: `exec curl -sSf --data-binary "$*" '${systemUrl}'`,
  // Everything of a test is of one user.
  runuser: `[[ $1 == -u && $3 == -- ]]\nshift 3\nexec "$@"`,
  install: `words=()
while (($#)); do
  case $1 in
    -o | -g) shift 2 ;;
    *)
      words+=("$1")
      shift
      ;;
  esac
done
exec /usr/bin/install "\${words[@]}"`,
  aws: `[[ $1 == secretsmanager && $3 == --secret-id ]]
case $2 in
  get-secret-value)
    [[ "\${*:5}" == '--query SecretString --output text' ]]
    exec cat '${secretsFolder}'/"$4"
    ;;
  put-secret-value)
    [[ $5 == --secret-string && $6 == file://* ]]
    exec cp "\${6#file://}" '${secretsFolder}'/"$4"
    ;;
  *) exit 64 ;;
esac`,
});

/** Puts them into their folder. */
export const putStandIns = async (place: StandInPlace): Promise<void> => {
  await mkdir(place.folder, { recursive: true });
  for (const [name, text] of Object.entries(listPrograms(place)))
    await writeFile(join(place.folder, name), `#!/usr/bin/env bash\nset -euo pipefail\n${text}\n`, { mode: 0o755 });
};
