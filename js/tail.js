// The first or last bytes of something long, in bounded memory.
exports.Kept = class {
  constructor(cap, keep) {
    Object.assign(this, { cap, keep, chunks: [], added: 0, held: 0, total: 0, whole: true });
  }

  add(chunk) {
    this.total += chunk.length;
    this.whole = this.total <= this.cap;
    if (this.keep === 'head') chunk = chunk.subarray(0, this.cap - this.held);
    this.chunks.push(chunk);
    this.held += chunk.length;
    while (this.chunks.length > 1 && this.held - this.chunks[0].length >= this.cap) this.held -= this.chunks.shift().length;
    // A million chunks of one byte would weigh a hundred times the bytes.
    if (++this.added % 512 === 0) this.chunks.push(Buffer.concat(this.chunks.splice(-512)));
  }

  text() {
    const bytes = Buffer.concat(this.chunks);
    let from = this.keep === 'head' ? 0 : Math.max(0, bytes.length - this.cap);
    // Not from the middle of a character.
    while (from > 0 && (bytes[from] & 0xc0) === 0x80) from++;
    return bytes.toString('utf8', from);
  }
};
