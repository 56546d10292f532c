// Cuts what comes over a socket into lines; what a kill cut short is no line.
import type { Socket } from 'node:net';

/** Calls back with every whole line. */
export const readLines = (socket: Socket, onLine: (line: string) => void): void => {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
};
