import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { UseQueryResult } from "@tanstack/react-query";
import { Note, Problem } from "@/components/Note";
import { Loading } from "@/components/Page";
import type { LayoutName } from "@/lib/ecg/layout";
import type { Signal } from "@/lib/signal";
import { type Comparison, when } from "./Compare";
import { EcgPaper } from "./EcgPaper";
import type { View } from "./view";
import { caption, spoken } from "./words";

type Props = {
  comparison: Comparison;
  signal: UseQueryResult<Signal>;
  view: View;
  layout: LayoutName;
};

/** The recording one compares with: on a sheet of its own, or a word on the one that lies under the first. */
export function SecondTracing({ comparison, signal, view, layout }: Props) {
  const { other, how } = comparison;
  if (signal.isError) return <Problem error={signal.error} title={t`The other recording cannot be shown`} />;
  if (!signal.data) return <Loading lines={4} label={t`Loading the other recording`} />;
  if (how === "overlaid") {
    return (
      <Note tone="info">
        <Trans>
          In brown, under this one: {{ name: other.file_name }}, {{ date: when(other) }}. Both stand with their first
          beats at one place; later beats agree only as far as their rates do.
        </Trans>
      </Note>
    );
  }
  const shown = Math.min(10, other.duration_s);
  return (
    <EcgPaper
      signal={signal.data}
      start={0}
      speed={view.speed}
      gain={view.gain}
      layout={layout}
      derived={other.derived_leads}
      label={spoken(other, signal.data, 0, shown, view, undefined)}
      caption={`${other.file_name}, ${when(other)} · ${caption(signal.data, view)}`}
    />
  );
}
