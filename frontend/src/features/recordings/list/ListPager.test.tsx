import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { answering, show } from "@/test/render";
import { ListPager } from "./ListPager";
import { useListPlace } from "./useListPlace";

afterEach(() => vi.unstubAllGlobals());

function Page({ opened }: { opened: string[] }) {
  const place = useListPlace("p", "r");
  return <ListPager place={place} onOpen={({ to }) => opened.push(to)} />;
}

test("the place in the list is asked for with the query of the list, and led on by its address", async () => {
  const asked: string[] = [];
  const place = { position: 3, total: 26, previous_id: "a", next_id: "b" };
  vi.stubGlobal(
    "fetch",
    answering({
      "GET /api/v1/projects/p/recordings/r/place": (request) => {
        asked.push(new URL(request.url).search);
        return place;
      },
    }),
  );
  const opened: string[] = [];
  show(<Page opened={opened} />, "/?label=MI&sort=age&order=desc");
  await waitFor(() => expect(screen.getByRole("group").textContent).toContain("3 of 26 MI"));
  expect(asked).toEqual(["?label=MI&sort=age&order=desc"]);
  await userEvent.click(screen.getByRole("button", { name: "Next recording" }));
  await userEvent.click(screen.getByRole("button", { name: "Previous recording" }));
  expect(opened).toEqual(["b", "a"].map((id) => `/projects/p/recordings/${id}?label=MI&sort=age&order=desc`));
  expect(screen.getByRole("link", { name: "Back to the list" }).getAttribute("href")).toBe(
    "/projects/p/recordings?label=MI&sort=age&order=desc",
  );
});

test("back leads to the page of the list on which the recording stands", async () => {
  const place = { position: 101, total: 400, previous_id: null, next_id: null };
  vi.stubGlobal("fetch", answering({ "GET /api/v1/projects/p/recordings/r/place": () => place }));
  show(<Page opened={[]} />, "/?import_id=i&sort=import");
  await waitFor(() => expect(screen.getByRole("group").textContent).toContain("101 of 400 of an import"));
  expect(screen.getByRole("link", { name: "Back to the list" }).getAttribute("href")).toBe(
    "/projects/p/imports/i?import_id=i&sort=import&page=3",
  );
});

test("the recordings of a cell are gone through by their place in it", async () => {
  const asked: string[] = [];
  vi.stubGlobal(
    "fetch",
    answering({
      "GET /api/v1/projects/q/evaluations/e/recordings": (request) => {
        const { searchParams } = new URL(request.url);
        asked.push([...searchParams].map((pair) => pair.join("=")).join("&"));
        const place = Number(searchParams.get("page"));
        return { items: place <= 3 ? [{ project_id: "p", recording_id: `r${place}` }] : [], total: 3 };
      },
    }),
  );
  const opened: string[] = [];
  const address = "?evaluation=e&owner=q&label=MI&predicted=NORM&place=2";
  show(<Page opened={opened} />, `/${address}`);
  await waitFor(() => expect(screen.getByRole("group").textContent).toContain("2 of 3 MI, predicted as NORM"));
  expect(asked.sort()).toEqual([1, 3].map((page) => `label=MI&predicted_label=NORM&page=${page}&size=1`));
  await userEvent.click(screen.getByRole("button", { name: "Next recording" }));
  expect(opened).toEqual(["/projects/p/recordings/r3?evaluation=e&owner=q&label=MI&predicted=NORM&place=3"]);
});
