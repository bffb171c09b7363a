import { useQuery } from "@tanstack/react-query";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { answer, client } from "@/api/client";
import { removals } from "@/api/removals";
import { answering, show } from "@/test/render";
import { Removals } from "./Removals";
import { RemoveButton } from "./RemoveButton";

afterEach(async () => {
  await removals.leave();
  vi.unstubAllGlobals();
});

const VIEWS = "/api/v1/projects/p/views";

/** A list of saved views in which each can be deleted, before a platform that keeps them. */
function List({ ask = false }: { ask?: boolean }) {
  const views = useQuery({
    queryKey: ["project", "p", "views"],
    queryFn: () => answer(client.GET("/api/v1/projects/{project_id}/views", { params: { path: { project_id: "p" } } })),
  });
  return (
    <>
      <ul>
        {views.data?.map(({ id, name }) => (
          <li key={id}>
            {name}
            <RemoveButton
              thing={{ kind: "view", projectId: "p", id, name }}
              label={`Delete ${name}`}
              ask={ask ? { question: "Delete it?", confirm: "Delete", children: "With all in it." } : undefined}
            />
          </li>
        ))}
      </ul>
      <Removals />
    </>
  );
}

function platform(refuse = "") {
  let kept = [
    { id: "v1", name: "One" },
    { id: "v2", name: "Two" },
  ];
  const asked: string[] = [];
  const answers = answering({
    [`GET ${VIEWS}`]: () => kept,
    [`DELETE ${VIEWS}/v1`]: () => {
      if (refuse) return Response.json({ error: "ConflictError", detail: refuse }, { status: 409 });
      kept = kept.filter(({ id }) => id !== "v1");
      return new Response(null, { status: 204 });
    },
  });
  vi.stubGlobal("fetch", (request: Request | string, options?: RequestInit) => {
    const whole = typeof request === "string" ? new Request(new URL(request, location.origin), options) : request;
    if (whole.method === "DELETE") asked.push(new URL(whole.url).pathname);
    return answers(whole);
  });
  return { asked, kept: () => kept.map(({ id }) => id) };
}

const names = () => screen.queryAllByRole("listitem").map((item) => item.firstChild?.textContent);

test("a row that is deleted goes at once and comes back by Undo, and nothing was asked of the platform", async () => {
  const user = userEvent.setup();
  const { asked } = platform();
  show(<List />);
  await user.click(await screen.findByRole("button", { name: "Delete One" }));
  await waitFor(() => expect(names()).toEqual(["Two"]));
  expect(screen.getByText("Deleted: One")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Undo" }));
  await waitFor(() => expect(names()).toEqual(["One", "Two"]));
  expect(screen.queryByText("Deleted: One")).toBeNull();
  await removals.leave();
  expect(asked).toEqual([]);
});

test("leaving the page, or hiding it, deletes what was deleted", async () => {
  const user = userEvent.setup();
  const { asked, kept } = platform();
  show(<List />);
  await user.click(await screen.findByRole("button", { name: "Delete One" }));
  expect(asked).toEqual([]);
  window.dispatchEvent(new Event("pagehide"));
  await waitFor(() => expect(kept()).toEqual(["v2"]));
  expect(asked).toEqual([`${VIEWS}/v1`]);
  await waitFor(() => expect(screen.queryByRole("button", { name: "Undo" })).toBeNull());
  expect(names()).toEqual(["Two"]);
});

test("what could not be deleted is back in its list, with the reason", async () => {
  const user = userEvent.setup();
  platform("It is in use.");
  show(<List />);
  await user.click(await screen.findByRole("button", { name: "Delete One" }));
  window.dispatchEvent(new Event("pagehide"));
  expect(await screen.findByText("Not deleted: One. It is in use.")).toBeTruthy();
  await waitFor(() => expect(names()).toEqual(["One", "Two"]));
  await user.click(screen.getByRole("button", { name: "Leave it" }));
  expect(screen.queryByText(/Not deleted/)).toBeNull();
});

test("what cannot be made again is asked for first, and can be undone all the same", async () => {
  const user = userEvent.setup();
  const { asked } = platform();
  show(<List ask />);
  await user.click(await screen.findByRole("button", { name: "Delete One" }));
  expect(names()).toEqual(["One", "Two"]);
  expect(await screen.findByText("With all in it.")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(names()).toEqual(["Two"]));
  await user.click(screen.getByRole("button", { name: "Undo" }));
  await waitFor(() => expect(names()).toEqual(["One", "Two"]));
  expect(asked).toEqual([]);
});
