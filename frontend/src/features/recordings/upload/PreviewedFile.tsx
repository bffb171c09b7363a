import { plural, t } from "@lingui/core/macro";
import { Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import type { Preview } from "@/api/types";
import { Notes, Problem } from "@/components/Note";
import { decimal, hertz, seconds } from "@/lib/format";
import { decodeBase64Signal } from "@/lib/signal";
import { EcgPaper } from "../viewer/EcgPaper";

const NONE: readonly string[] = [];

/** What one file holds as declared: tracing, key figures, doubts; or why it cannot be read like this. */
export function PreviewedFile({ preview }: { preview: Preview }) {
  const signal = useMemo(() => (preview.signal ? decodeBase64Signal(preview.signal) : null), [preview.signal]);
  if (preview.error) return <Problem error={preview.error} title={t`This file cannot be read with these settings`} />;
  const figures = figuresOf(preview).join(" · ");
  return (
    <Stack gap="sm">
      <Notes tone="warn" title={t`Please check`} notes={preview.findings.map((finding) => finding.message)} />
      {signal && (
        <EcgPaper
          signal={signal}
          start={0}
          speed={25}
          gain={10}
          layout={null}
          derived={NONE}
          label={t`First seconds of ${{ name: preview.file_name }} as declared. ${figures}.`}
          caption={figures}
        />
      )}
      {[...new Set(preview.notes)].map((note) => (
        <Text size="sm" key={note}>
          {note}
        </Text>
      ))}
    </Stack>
  );
}

/** The figures by which a wrong declaration is noticed. */
export function figuresOf(preview: Preview): string[] {
  const { rate, duration_s: duration, peak_to_peak_mv: span, heart_rate: beats, missing_leads: missing } = preview;
  return [
    rate == null ? "" : hertz(rate),
    duration == null ? "" : seconds(duration),
    span == null ? "" : t`largest lead ${{ span: decimal(String(Number(span.toPrecision(3)))) }} mV peak to peak`,
    beats == null ? "" : t`about ${{ rate: Math.round(beats) }} beats per minute`,
    missing.length > 0 ? t`without ${{ leads: missing.join(", ") }}` : "",
    preview.n_recordings > 1
      ? plural(
          { n: preview.n_recordings },
          { one: "# recording in the file, the first is shown", other: "# recordings in the file, the first is shown" },
        )
      : "",
  ].filter((text) => text !== "");
}
