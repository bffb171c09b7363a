import { t } from "@lingui/core/macro";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Loading } from "./Page";
import { type Plotly, type PlotlyLayout, type PlotlyTrace, plain, separators } from "./plotly";

type Props = { traces: PlotlyTrace[]; layout?: PlotlyLayout; height?: number; label: string };

/** A Plotly chart. Plotly is large and loaded only when the first chart is shown; a table always says the same. */
export function Chart({ traces, layout, height = 300, label }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [plotly, setPlotly] = useState<Plotly | null>(null);
  const dark = useComputedColorScheme("light") === "dark";

  useEffect(() => {
    let gone = false;
    import("plotly.js-cartesian-dist-min").then((module) => {
      if (!gone) setPlotly(() => module.default);
    });
    return () => {
      gone = true;
    };
  }, []);

  useEffect(() => {
    if (!plotly || !place.current) return;
    void plotly.react(place.current, plain(traces), { ...styled(dark, plain(layout)), height }, CONFIG);
  }, [plotly, traces, layout, height, dark]);

  useEffect(() => {
    const element = place.current;
    if (!plotly || !element) return;
    const observer = new ResizeObserver(() => plotly.Plots.resize(element));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plotly.purge(element);
    };
  }, [plotly]);

  return (
    <div role="img" aria-label={label} style={{ minHeight: height, width: "100%", minWidth: 0 }}>
      {!plotly && <Loading lines={5} label={t`Loading chart`} />}
      <div ref={place} aria-hidden="true" style={{ width: "100%" }} />
    </div>
  );
}

const FONT = "system-ui, sans-serif";
const CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false };

/** The house's look under whatever the chart says of its axes and legend. */
function styled(dark: boolean, layout: PlotlyLayout = {}): PlotlyLayout {
  const axis = {
    gridcolor: dark ? "#3d444b" : "#e3e8eb",
    zerolinecolor: dark ? "#59626b" : "#c6ced4",
    automargin: true,
    fixedrange: true,
  };
  const legend = { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 };
  const under = (name: string, look: object) => ({ ...look, ...(layout[name] as object | undefined) });
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: FONT, size: 12, color: dark ? "#d5dbe0" : "#2b343c" },
    margin: { l: 56, r: 16, t: 40, b: 44 },
    hoverlabel: { font: { family: FONT } },
    separators: separators(),
    colorway: dark ? ["#6cc5cf", "#f0b45b", "#c9a4f0", "#8ed8a8"] : ["#0c6f7d", "#b5651d", "#6c4ab6", "#2e7d4f"],
    ...layout,
    xaxis: under("xaxis", axis),
    yaxis: under("yaxis", axis),
    legend: under("legend", legend),
  };
}
