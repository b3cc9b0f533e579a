// What a stretch of sound is like, in numbers. Samples are mono floats in -1..1; levels are dBFS (0 is full scale).

export const SILENCE_DB = -120;
const FRAME_SECONDS = 0.02;
const CLIPPED_FROM = 0.985; // converters and resamplers round a clipped top a little below 1
const QUIET_WINDOW_SECONDS = 0.5; // Goertzel on half a second separates 50 from 60 Hz
const HUM_HARMONICS = 4;

export function decibels(amplitude) {
  return amplitude > 0 ? Math.max(SILENCE_DB, 20 * Math.log10(amplitude)) : SILENCE_DB;
}

function rootMeanSquare(samples, from = 0, to = samples.length) {
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += samples[i] * samples[i];
  return to > from ? Math.sqrt(sum / (to - from)) : 0;
}

export function levelOf(block) {
  return decibels(rootMeanSquare(block));
}

// Cheap microphones sit beside zero; without this a constant offset would count as noise.
function withoutOffset(samples) {
  let mean = 0;
  for (const sample of samples) mean += sample;
  mean /= samples.length || 1;
  return samples.map((sample) => sample - mean);
}

function frameLevels(samples, rate) {
  const size = Math.round(rate * FRAME_SECONDS);
  const levels = [];
  for (let at = 0; at + size <= samples.length; at += size) {
    levels.push(decibels(rootMeanSquare(samples, at, at + size)));
  }
  return levels;
}

function percentile(values, share) {
  if (values.length === 0) return SILENCE_DB;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

// Power of one frequency in a Hann-windowed stretch (Goertzel 1958), scaled so that a sine of amplitude a gives a * a / 2.
function powerAt(samples, rate, hertz) {
  const turn = 2 * Math.cos((2 * Math.PI * hertz) / rate);
  let last = 0;
  let beforeLast = 0;
  for (let i = 0; i < samples.length; i += 1) {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / samples.length);
    const now = samples[i] * hann + turn * last - beforeLast;
    beforeLast = last;
    last = now;
  }
  const power = last * last + beforeLast * beforeLast - turn * last * beforeLast;
  return (8 * power) / (samples.length * samples.length);
}

function quietestWindow(samples, rate) {
  const size = Math.round(rate * QUIET_WINDOW_SECONDS);
  if (samples.length <= size) return samples;
  let best = 0;
  let lowest = Infinity;
  for (let at = 0; at + size <= samples.length; at += Math.round(size / 5)) {
    const level = rootMeanSquare(samples, at, at + size);
    if (level < lowest) [lowest, best] = [level, at];
  }
  return samples.subarray(best, best + size);
}

// Mains hum in the quietest half second: which mains frequency, its level, and its share of all power there.
function humOf(samples, rate) {
  const quiet = quietestWindow(samples, rate);
  const all = rootMeanSquare(quiet) ** 2;
  let found = { hertz: 0, level: SILENCE_DB, share: 0 };
  for (const mains of [50, 60]) {
    let power = 0;
    for (let harmonic = 1; harmonic <= HUM_HARMONICS; harmonic += 1) power += powerAt(quiet, rate, mains * harmonic);
    const share = all > 0 ? Math.min(1, power / all) : 0;
    if (share > found.share) found = { hertz: mains, level: decibels(Math.sqrt(power)), share };
  }
  return found;
}

// Measure a stretch. `voice` is the level of its loudest frames, `noise` of its quietest, so it should hold a pause.
export function measure(samples, rate) {
  let peak = 0;
  let clipped = 0;
  for (const sample of samples) {
    const size = Math.abs(sample);
    if (size > peak) peak = size;
    if (size >= CLIPPED_FROM) clipped += 1;
  }
  const centred = withoutOffset(samples);
  const levels = frameLevels(centred, rate);
  const voice = percentile(levels, 0.9);
  const noise = percentile(levels, 0.1);
  return {
    seconds: samples.length / rate,
    peak: decibels(peak),
    clipped: samples.length ? clipped / samples.length : 0,
    voice,
    noise,
    above: voice - noise,
    hum: humOf(centred, rate),
  };
}

// Follow a voice as it comes: how long somebody has spoken so far, and how long it has been quiet since.
export class VoiceWatch {
  // `room` is a measurement of the same microphone with a voice in it.
  constructor(room, rate) {
    this.rate = rate;
    this.threshold = Math.max(-60, room.noise + Math.max(6, 0.4 * room.above));
    this.spoken = 0;
    this.quiet = 0;
  }

  hear(block) {
    const seconds = block.length / this.rate;
    if (levelOf(block) > this.threshold) {
      this.spoken += seconds;
      this.quiet = 0;
    } else {
      this.quiet += seconds;
    }
  }
}
