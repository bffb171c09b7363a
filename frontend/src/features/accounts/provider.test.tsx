import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Account } from "@/api/types";
import { answering, show } from "@/test/render";
import { AccountMenu } from "./AccountMenu";
import { SignIn } from "./SignIn";

const NOBODY: Account = {
  mode: "server",
  signed_in: false,
  id: "",
  name: "",
  is_admin: false,
  roles: {},
  provider: "Heart clinic",
  by_provider: false,
  password_sign_in: true,
  csrf_token: "",
};
const THERE = "https://sso.hospital.example/authorize?state=1";
const assign = vi.fn();

beforeEach(() => {
  vi.stubGlobal("location", {
    ...window.location,
    href: "http://localhost:3000/projects/1?page=2",
    pathname: "/projects/1",
    search: "?page=2",
    assign,
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  assign.mockReset();
});

const at = (href: string) => vi.stubGlobal("location", { ...window.location, href, pathname: "/", search: "", assign });

test("the button leads to the provider, and back to the page where one was", async () => {
  const user = userEvent.setup();
  const asked: unknown[] = [];
  vi.stubGlobal(
    "fetch",
    answering({
      "GET /api/v1/account": () => NOBODY,
      "POST /api/v1/account/provider/sign-in": async (request) => {
        asked.push(await request.json());
        return { address: THERE };
      },
    }),
  );
  show(<SignIn />, "/", "*", (queries) => queries.clear());
  await user.click(await screen.findByRole("button", { name: "Sign in with Heart clinic" }));
  await waitFor(() => expect(assign).toHaveBeenCalledWith(THERE));
  expect(asked).toEqual([{ to: "/projects/1?page=2", link: "" }]);
});

test("without passwords there is no field for one, without a provider no button", async () => {
  vi.stubGlobal("fetch", answering({ "GET /api/v1/account": () => ({ ...NOBODY, password_sign_in: false }) }));
  const { unmount } = show(<SignIn />, "/", "*", (queries) => queries.clear());
  expect(await screen.findByRole("button", { name: "Sign in with Heart clinic" })).toBeTruthy();
  expect(screen.queryByLabelText(/Password/)).toBeNull();
  unmount();
  vi.stubGlobal("fetch", answering({ "GET /api/v1/account": () => ({ ...NOBODY, provider: null }) }));
  show(<SignIn />, "/", "*", (queries) => queries.clear());
  expect(await screen.findByLabelText(/Password/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Sign in with/ })).toBeNull();
});

test("what went wrong is said, in general words also for what the address makes up", async () => {
  vi.stubGlobal("fetch", answering({ "GET /api/v1/account": () => NOBODY }));
  for (const [problem, said] of [
    ["refused", "Ask an admin of this platform"],
    ["<b>made up</b>", "Try again"],
  ]) {
    at(`http://localhost:3000/?sign-in=${encodeURIComponent(problem ?? "")}`);
    const { unmount } = show(<SignIn />, "/", "*", (queries) => queries.clear());
    const shown = (await screen.findByRole("alert")).textContent ?? "";
    expect(shown).toContain(said);
    expect(shown).not.toContain("made up");
    unmount();
  }
});

test("who signed in at the provider is led there when signing out", async () => {
  const user = userEvent.setup();
  vi.stubGlobal(
    "fetch",
    answering({
      "POST /api/v1/account/provider/sign-out": () => ({ address: "https://sso.hospital.example/end" }),
      "POST /api/v1/account/sign-out": () => new Response(null, { status: 204 }),
      "GET /api/v1/account": () => NOBODY,
    }),
  );
  show(<AccountMenu account={{ ...NOBODY, signed_in: true, name: "eva", by_provider: true }} />);
  await user.click(screen.getByRole("button", { name: "Signed in as eva" }));
  await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  await waitFor(() => expect(assign).toHaveBeenCalledWith("https://sso.hospital.example/end"));
});
