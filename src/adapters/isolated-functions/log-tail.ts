// Keeps the last 4 KB of what a function writes, which is what Lambda answers of a log.

const TAIL_BYTES = 4096;

/** The end of a log. */
export class LogTail {
  #chunks: Buffer[] = [];
  #bytes = 0;

  add(chunk: Buffer | string): void {
    const added = Buffer.from(chunk);
    this.#chunks.push(added);
    this.#bytes += added.length;
    // Many small lines are joined now and then only.
    if (this.#bytes > 4 * TAIL_BYTES) this.#cut();
  }

  /** The last 4 KB as text; a character that is cut in half is left out. */
  read(): string {
    this.#cut();
    const [tail = Buffer.alloc(0)] = this.#chunks;
    let from = 0;
    while (from < tail.length && ((tail[from] ?? 0) & 0xc0) === 0x80) from += 1;
    return tail.toString('utf8', from);
  }

  clear(): void {
    this.#chunks = [];
    this.#bytes = 0;
  }

  #cut(): void {
    const tail = Buffer.concat(this.#chunks).subarray(-TAIL_BYTES);
    this.#chunks = [tail];
    this.#bytes = tail.length;
  }
}
