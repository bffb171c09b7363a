/** The part of Plotly that the page uses. */

export type PlotlyTrace = Record<string, unknown>;
export type PlotlyLayout = Record<string, unknown>;
export type Plotly = {
  react(place: HTMLElement, traces: PlotlyTrace[], layout: PlotlyLayout, config: object): Promise<unknown>;
  purge(place: HTMLElement): void;
  Plots: { resize(place: HTMLElement): void };
};
