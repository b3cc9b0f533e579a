// Runs on the audio thread: gathers 128-sample quanta into blocks and hands them to the page.

const BLOCK = 1024; // 21 ms at 48 kHz: smooth enough for a meter, few enough messages for a slow phone

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(BLOCK);
    this.filled = 0;
  }

  process([input]) {
    const channel = input[0];
    if (!channel) return true;
    this.block.set(channel, this.filled);
    this.filled += channel.length;
    if (this.filled >= BLOCK) {
      this.port.postMessage(this.block, [this.block.buffer]);
      this.block = new Float32Array(BLOCK);
      this.filled = 0;
    }
    return true;
  }
}

registerProcessor("velluto-capture", Capture);
