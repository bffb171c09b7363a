import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { keepCsrfToken } from "@/api/csrf";
import { createProject } from "@/api/projects";
import type { Account } from "@/api/types";
import { answering, show } from "@/test/render";
import { AccountMenu } from "./AccountMenu";
import { NewPassword } from "./NewPassword";
import { SignIn } from "./SignIn";
import { UsersPage } from "./UsersPage";

const NOBODY: Account = {
  mode: "server",
  signed_in: false,
  id: "",
  name: "",
  is_admin: false,
  roles: {},
  provider: null,
  by_provider: false,
  password_sign_in: true,
  csrf_token: "",
};
const EVA: Account = { ...NOBODY, signed_in: true, id: "1", name: "eva", roles: { p: "admin" }, csrf_token: "token" };

beforeEach(() => keepCsrfToken(""));

test("whoever signs in sends the session's token with every change, and with nothing else", async () => {
  const user = userEvent.setup();
  const sent: [string, string | null][] = [];
  const note = (request: Request) => sent.push([request.method, request.headers.get("X-CSRF-Token")]);
  vi.stubGlobal(
    "fetch",
    answering({
      "POST /api/v1/account/sign-in": () => EVA,
      "POST /api/v1/projects": (request) => note(request) && { id: "p" },
      "GET /api/v1/projects": (request) => note(request) && [],
    }),
  );
  const { queries } = show(<SignIn />);
  await user.type(screen.getByLabelText(/Name/), "eva");
  await user.type(screen.getByLabelText(/Password/), "four words make a password");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  await waitFor(() => expect(queries.getQueryData(["account"])).toEqual(EVA));
  await createProject({ name: "A", description: "", keep_originals: true });
  expect(sent).toEqual([["POST", "token"]]);
});

test("a wrong password is said beside the form, in the platform's words", async () => {
  const user = userEvent.setup();
  vi.stubGlobal("fetch", async () =>
    Response.json({ error: "NotSignedInError", detail: "Name or password is wrong." }, { status: 401 }),
  );
  show(<SignIn />);
  await user.type(screen.getByLabelText(/Name/), "eva");
  await user.type(screen.getByLabelText(/Password/), "x");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  expect((await screen.findByRole("alert")).textContent).toContain("Name or password is wrong.");
});

test("in local mode, and while nobody is signed in, there is no menu", () => {
  const { unmount } = show(<AccountMenu account={{ ...EVA, mode: "local" }} />);
  expect(screen.queryByRole("button")).toBeNull();
  unmount();
  show(<AccountMenu account={NOBODY} />);
  expect(screen.queryByRole("button")).toBeNull();
});

test("only an admin of the installation is shown users and the audit log", async () => {
  const user = userEvent.setup();
  const { unmount } = show(<AccountMenu account={EVA} />);
  await user.click(screen.getByRole("button", { name: "Signed in as eva" }));
  expect(await screen.findByRole("menuitem", { name: "Sign out" })).toBeTruthy();
  expect(screen.queryByRole("menuitem", { name: "Users" })).toBeNull();
  unmount();
  show(<AccountMenu account={{ ...EVA, is_admin: true }} />);
  await user.click(screen.getByRole("button", { name: "Signed in as eva" }));
  expect(await screen.findByRole("menuitem", { name: "Audit log" })).toBeTruthy();
});

test("two passwords that differ are not sent", async () => {
  const user = userEvent.setup();
  const mutate = vi.fn();
  show(<NewPassword action={{ mutate, error: null, isPending: false }} submit="Keep" />);
  await user.type(screen.getByLabelText(/New password/), "four words make a password");
  await user.type(screen.getByLabelText(/The same again/), "four words make a passwort");
  await user.click(screen.getByRole("button", { name: "Keep" }));
  expect(mutate).not.toHaveBeenCalled();
  await user.clear(screen.getByLabelText(/The same again/));
  await user.type(screen.getByLabelText(/The same again/), "four words make a password");
  await user.click(screen.getByRole("button", { name: "Keep" }));
  expect(mutate).toHaveBeenCalledWith("four words make a password");
});

test("where nobody signs in there are no users to add", async () => {
  vi.stubGlobal("fetch", answering({ "GET /api/v1/account": () => ({ ...EVA, mode: "local", is_admin: true }) }));
  show(<UsersPage />);
  expect(await screen.findByText("Nobody signs in here")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Add a user" })).toBeNull();
});
