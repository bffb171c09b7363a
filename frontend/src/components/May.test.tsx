import { screen } from "@testing-library/react";
import type { ReactElement } from "react";
import { expect, test } from "vitest";
import type { Account, Role } from "@/api/types";
import { ALONE, show } from "@/test/render";
import { ButtonLink } from "./ButtonLink";
import { ConfirmButton } from "./ConfirmButton";
import { May, OutletIfMay, WhyNot } from "./May";

const server = (role: Role, project = "p"): Account => ({
  ...ALONE,
  mode: "server",
  is_admin: false,
  roles: { [project]: role },
});

function shownTo(account: Account, element: ReactElement, path = "/projects/p/runs") {
  const route = path.startsWith("/projects") ? "/projects/:projectId/*" : "*";
  show(element, path, route, (queries) => queries.setQueryData(["account"], account));
}

const text = () => document.body.textContent ?? "";
const buttons = (
  <>
    <May operation="upload_recordings">upload</May>
    <May operation="create_run">train</May>
    <May operation="delete_recording" projectId="q">
      delete elsewhere
    </May>
    <ConfirmButton takes="delete_run" label="Delete it" question="?" confirm="Yes" onConfirm={async () => undefined}>
      gone
    </ConfirmButton>
    <ButtonLink to="/projects/p/runs/new">New training</ButtonLink>
    <ButtonLink to="/projects/p/models/m/publish">Publish</ButtonLink>
    <ButtonLink to="/projects/p/runs/r">Open</ButtonLink>
  </>
);

test("each role sees what it may do, in the project that it is of", () => {
  shownTo(server("annotator"), buttons);
  expect(text()).toContain("upload");
  expect(text()).not.toContain("train");
  expect(screen.queryAllByRole("button")).toEqual([]);
  expect(screen.getAllByRole("link").map((link) => link.textContent)).toEqual(["Open"]);
});

test("who trains sees more, and not what takes an admin", () => {
  shownTo(server("trainer"), buttons);
  expect(screen.getByRole("button", { name: "Delete it" })).toBeTruthy();
  expect(screen.getAllByRole("link").map((link) => link.textContent)).toEqual(["New training", "Open"]);
  expect(text()).not.toContain("delete elsewhere");
});

test("alone at a computer one sees all", () => {
  shownTo(ALONE, buttons);
  expect(screen.getAllByRole("link")).toHaveLength(3);
  expect(text()).toContain("delete elsewhere");
});

test("the address of a form that is not for one's role says which role it takes", () => {
  shownTo(server("viewer"), <OutletIfMay of="project" />, "/projects/p/runs/new");
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Not open to your role");
  expect(text()).toContain("It takes the role “trainer” in this project; you are “viewer”.");
});

test("users and the log are said to be the admin's, and each shell speaks only of its own pages", () => {
  shownTo(server("admin"), <OutletIfMay of="installation" />, "/users");
  expect(text()).toContain("It takes an admin of the installation");
  shownTo(server("viewer"), <OutletIfMay of="installation" />, "/projects/p/runs/new");
  expect(screen.getAllByRole("heading", { level: 1 })).toHaveLength(1);
});

test("the reason stands where nothing is offered", () => {
  shownTo(server("viewer"), <WhyNot operation="create_prediction" />);
  expect(text()).toContain("you are “viewer”");
});
