import { act } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { show } from "@/test/render";
import { PrintedTracing } from "./PrintedTracing";
import type { View } from "./view";

const view: View = {
  shown: "tracing",
  speed: 25,
  gain: 10,
  layout: null,
  preprocessing: null,
  band: "0.5-40",
  notch: null,
  trueSize: false,
};

function platform(status: number) {
  const asked: string[] = [];
  class Request {
    status = status;
    responseText = "<svg></svg>";
    open(_method: string, path: string, later: boolean) {
      expect(later).toBe(false); // the browser must wait for it
      asked.push(path);
    }
    send() {}
  }
  vi.stubGlobal("XMLHttpRequest", Request);
  return asked;
}

const print = (moment: "beforeprint" | "afterprint") => act(() => void dispatchEvent(new Event(moment)));
const sheets = () => [...document.querySelectorAll(".ecg-print-sheet")].map(({ className }) => className);
const drawn = <PrintedTracing projectId="p" recordingId="r" view={view} layout="6x2" start={2} />;

afterEach(() => vi.unstubAllGlobals());

test("while the page is printed the platform's drawing stands there for each paper, as the screen shows it", () => {
  const asked = platform(200);
  show(drawn);
  expect(sheets()).toEqual([]);
  print("beforeprint");
  const kinds = ["a4 landscape", "a4 portrait", "letter landscape", "letter portrait"];
  expect(sheets()).toEqual(kinds.map((kind) => `ecg-print-sheet ${kind}`));
  expect(asked[0]).toBe(
    "/api/v1/projects/p/recordings/r/drawing?format=svg&speed=25&gain=10&filter=0.5-40&layout=6x2&paper=a4&orientation=landscape&start=2",
  );
  print("afterprint");
  expect(sheets()).toEqual([]);
});

test("where the platform does not answer no sheet hides the screen, which says that it is not to scale", () => {
  platform(503);
  show(drawn);
  print("beforeprint");
  expect(sheets()).toEqual([]);
});
