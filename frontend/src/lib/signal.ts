/** The tracing as it comes over the wire: a JSON header, then int16 samples with a step a lead. */

export type Signal = {
  rate: number; // Hz
  nSamples: number;
  leads: string[];
  unit: "mV" | "arbitrary";
  /** One array a lead, in `unit`; NaN where the sample is missing. */
  samples: Float32Array[];
};

/** The leads that have no sample at all. */
export function missingLeads({ leads, samples }: Pick<Signal, "leads" | "samples">): string[] {
  return leads.filter((_, lead) => samples[lead]?.every(Number.isNaN) ?? true);
}

export function isEmpty(signal: Signal): boolean {
  return missingLeads(signal).length === signal.leads.length;
}

const MISSING = -32768;

/** Decode `uint32 header length | JSON | int16 [lead][sample]`, all little endian. Raises Error for anything else. */
export function decodeSignal(buffer: ArrayBuffer): Signal {
  const view = new DataView(buffer);
  if (buffer.byteLength < 4) throw new Error("The tracing is incomplete: it has no header.");
  const headerLength = view.getUint32(0, true);
  const start = 4 + headerLength;
  if (start > buffer.byteLength) throw new Error("The tracing is incomplete: its header is cut off.");
  const header = readHeader(new TextDecoder().decode(new Uint8Array(buffer, 4, headerLength)));
  const { leads, nSamples, step } = header;
  if (buffer.byteLength < start + 2 * leads.length * nSamples) {
    throw new Error("The tracing is incomplete: samples are missing at its end.");
  }
  const samples = leads.map((_, lead) => {
    const scale = step[lead] ?? Number.NaN;
    const values = new Float32Array(nSamples);
    let offset = start + 2 * lead * nSamples;
    for (let i = 0; i < nSamples; i++, offset += 2) {
      const value = view.getInt16(offset, true);
      values[i] = value === MISSING ? Number.NaN : value * scale;
    }
    return values;
  });
  return { rate: header.rate, nSamples, leads, unit: header.unit, samples };
}

/** Decode a tracing that came as base64 inside JSON. */
export function decodeBase64Signal(text: string): Signal {
  return decodeSignal(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}

type Header = { rate: number; nSamples: number; leads: string[]; unit: "mV" | "arbitrary"; step: number[] };

function readHeader(text: string): Header {
  const header = JSON.parse(text) as Record<string, unknown>;
  const { rate, n_samples: nSamples, leads, unit, step } = header;
  const valid =
    typeof rate === "number" &&
    rate > 0 &&
    Number.isInteger(nSamples) &&
    Array.isArray(leads) &&
    Array.isArray(step) &&
    step.length === leads.length &&
    (unit === "mV" || unit === "arbitrary");
  if (!valid) throw new Error("The tracing has an unreadable header.");
  return { rate, nSamples: nSamples as number, leads: leads as string[], unit, step: step as number[] };
}
