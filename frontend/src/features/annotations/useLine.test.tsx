import { renderHook, waitFor } from "@testing-library/react";
import { act } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { answering } from "@/test/render";
import { useLine } from "./useLine";

const asked = { projectId: "p", labelSetId: "s", reader: "Dr. A", predictionId: null };
let queries: string[];

beforeEach(() => {
  queries = [];
  vi.stubGlobal(
    "fetch",
    answering({
      "GET /api/v1/projects/p/recordings": (request) => {
        const { searchParams } = new URL(request.url);
        queries.push(searchParams.toString());
        const page = Number(searchParams.get("page"));
        const ids = Array.from({ length: 60 }, (_, n) => ({ id: `wrong${n}` }));
        return { items: ids.slice(50 * (page - 1), 50 * page), total: 60 };
      },
      "GET /api/v1/projects/p/annotations/s/queue": () => [{ recording_id: "queued" }],
    }),
  );
});

test("a sitting of a list has its recordings in its order, page after page, and no other", async () => {
  const list = { prediction_id: "x", disagreement: "true" };
  const { result } = renderHook(() => useLine({ ...asked, list }, null));
  await waitFor(() => expect(result.current.current).toBe("wrong0"));
  expect(queries[0]).toBe("prediction_id=x&disagreement=true&page=1&size=50");
  for (let n = 1; n < 60; n++) {
    act(() => result.current.next());
    await waitFor(() => expect(result.current.current).toBe(`wrong${n}`));
  }
  act(() => result.current.next());
  await waitFor(() => expect(result.current.ended).toBe(true));
});

test("without a list what waits for the reader comes", async () => {
  const { result } = renderHook(() => useLine({ ...asked, list: null }, "first"));
  expect(result.current.current).toBe("first");
  await waitFor(() => expect(result.current.coming).toEqual(["queued"]));
  expect(queries).toEqual([]);
});
