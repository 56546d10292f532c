// Stands in for a broker's process where only its coming and going is of interest: it answers as its settings say, and ends when asked.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const conf = readFileSync(process.env['PULSAR_STANDALONE_CONF'] ?? '', 'utf8');
const port = Number(/^webServicePort=(\d+)$/m.exec(conf)?.[1]);
const manner = process.env['FAKE_BROKER'];

if (manner === 'broken') {
  process.stdout.write('The fake broker cannot read its metadata.\n');
  process.exit(1);
}
if (manner === 'stubborn') process.on('SIGTERM', () => undefined);
createServer((request, response) => {
  const isHealth = request.url?.endsWith('/health') === true;
  response.writeHead(isHealth && manner === 'sick' ? 500 : 200).end(isHealth ? 'ok' : '4.0.8');
}).listen(port, '127.0.0.1');
