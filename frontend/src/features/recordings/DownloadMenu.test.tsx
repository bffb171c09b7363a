import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { answering, show } from "@/test/render";
import { DownloadMenu } from "./DownloadMenu";

const DOWNLOAD = "GET /api/v1/projects/p/recordings/r/download";
const writers = [
  { name: "wfdb", title: "WFDB (.hea and .dat)", extension: ".hea" },
  { name: "dicom", title: "DICOM ECG waveform (.dcm)", extension: ".dcm" },
];
const DRAWINGS = ["PDF", "SVG", "PNG (picture)"];
let saved: string[] = [];

beforeEach(() => {
  saved = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function answers(download: (request: Request) => unknown) {
  vi.stubGlobal("fetch", answering({ "GET /api/v1/system": () => ({ writers }), [DOWNLOAD]: download }));
}

test("a format is chosen by keyboard and saved under the name the platform gives", async () => {
  const asked: string[] = [];
  answers((request) => {
    asked.push(new URL(request.url).search);
    const headers = { "Content-Disposition": "attachment; filename*=UTF-8''M%C3%BCller%20%5B3%5D.dcm" };
    return new Response("DICM", { headers });
  });
  const user = userEvent.setup();
  show(<DownloadMenu projectId="p" recordingId="r" original />);
  await user.tab();
  expect(document.activeElement?.textContent).toBe("Download as …");
  await user.keyboard("{Enter}");
  await screen.findByRole("menuitem", { name: "DICOM ECG waveform (.dcm)" });
  for (const item of ["Original", "WFDB (.hea and .dat)", "DICOM ECG waveform (.dcm)"]) {
    await user.keyboard("{ArrowDown}");
    await waitFor(() => expect(document.activeElement?.textContent).toBe(item));
  }
  await user.keyboard("{Enter}");
  await waitFor(() => expect(saved).toEqual(["Müller [3].dcm"]));
  expect(asked).toEqual(["?format=dicom"]);
});

test("the original stands first where it is kept, and nowhere else", async () => {
  answers(() => null);
  const user = userEvent.setup();
  const { unmount } = show(<DownloadMenu projectId="p" recordingId="r" original />);
  await user.click(screen.getByRole("button", { name: "Download as …" }));
  await screen.findByRole("menuitem", { name: "DICOM ECG waveform (.dcm)" });
  const items = screen.getAllByRole("menuitem");
  expect(items.map((item) => item.textContent)).toEqual([
    "Original",
    ...writers.map(({ title }) => title),
    ...DRAWINGS,
  ]);
  expect(items[0]?.getAttribute("href")).toBe("/api/v1/projects/p/recordings/r/original");
  unmount();
  show(<DownloadMenu projectId="p" recordingId="r" original={false} />);
  await user.click(screen.getByRole("button", { name: "Download as …" }));
  expect(await screen.findAllByRole("menuitem")).toHaveLength(2 + DRAWINGS.length);
});

test("a format that cannot hold the recording is refused in the platform's words, and nothing is saved", async () => {
  const detail = "a.npy has no mV scale, and DICOM needs one.";
  answers(() => Response.json({ error: "UnwritableError", detail }, { status: 422 }));
  const user = userEvent.setup();
  show(<DownloadMenu projectId="p" recordingId="r" original={false} />);
  await user.click(screen.getByRole("button", { name: "Download as …" }));
  await user.click(await screen.findByRole("menuitem", { name: "DICOM ECG waveform (.dcm)" }));
  expect((await screen.findByRole("alert")).textContent).toContain(detail);
  expect(saved).toEqual([]);
});

test("a drawing is asked for as the tracing is shown", async () => {
  localStorage.setItem("exchangeai-view", JSON.stringify({ speed: 50, gain: 5, layout: "12x1" }));
  const asked: string[] = [];
  const drawing = (request: Request) => {
    asked.push(new URL(request.url).search);
    return new Response("%PDF", { headers: { "Content-Disposition": "attachment; filename*=UTF-8''r1.pdf" } });
  };
  const routes = { "GET /api/v1/system": () => ({ writers }), "GET /api/v1/projects/p/recordings/r/drawing": drawing };
  vi.stubGlobal("fetch", answering(routes));
  const user = userEvent.setup();
  show(<DownloadMenu projectId="p" recordingId="r" original />);
  await user.click(screen.getByRole("button", { name: "Download as …" }));
  await user.click(await screen.findByRole("menuitem", { name: "PDF" }));
  await waitFor(() => expect(saved).toEqual(["r1.pdf"]));
  expect(asked[0]).toMatch(/^\?format=pdf&speed=50&gain=5&layout=12x1&paper=(a4|letter)&orientation=portrait$/);
  localStorage.removeItem("exchangeai-view");
});
