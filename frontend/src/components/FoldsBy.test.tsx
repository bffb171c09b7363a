import { fireEvent, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { answering, show } from "@/test/render";
import { countsOf, FoldsBy } from "./FoldsBy";

const DEVICES = {
  by: "device" as const,
  sources: [
    { name: "MAC 5500", n: 28, n_patients: 25 },
    { name: "ELI 250", n: 20, n_patients: 20 },
  ],
  n_small: 2,
  n_recordings_of_small: 6,
  n_unknown: 1,
};
const PATH = "GET /api/v1/projects/p/datasets/d/sources";

test("each kind of source is offered with the recordings of each, and what is in no fold", async () => {
  vi.stubGlobal("fetch", answering({ [PATH]: () => ({ kinds: [DEVICES] }) }));
  const chosen: string[] = [];
  show(<FoldsBy projectId="p" datasetId="d" value="patient" onChange={(by) => chosen.push(by)} />);
  const device = await screen.findByRole("radio", { name: /^By device/ });
  expect(screen.getAllByRole("radio")).toHaveLength(2);
  expect(screen.getByText(/MAC 5500: 28, ELI 250: 20; 2 sources of too few patients/)).toBeTruthy();
  fireEvent.click(device);
  expect(chosen).toEqual(["device"]);
});

test("where all recordings come from one source there is nothing to choose", async () => {
  vi.stubGlobal("fetch", answering({ [PATH]: () => ({ kinds: [] }) }));
  const { queries } = show(<FoldsBy projectId="p" datasetId="d" value="patient" onChange={() => {}} />);
  await vi.waitFor(() => expect(queries.getQueryData(["project", "p", "sources", "d"])).toEqual({ kinds: [] }));
  expect(screen.queryByRole("radio")).toBeNull();
});

test("of many sources the largest are named", () => {
  const sources = Array.from({ length: 10 }, (_, place) => ({ name: `S${place}`, n: 9, n_patients: 9 }));
  const text = countsOf({ ...DEVICES, sources, n_small: 0, n_unknown: 0 });
  expect(text).toBe(
    `${sources
      .slice(0, 8)
      .map(({ name }) => `${name}: 9`)
      .join(", ")}; 2 more sources`,
  );
});
