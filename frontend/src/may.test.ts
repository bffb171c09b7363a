import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import api from "../openapi.json";
import { may, mayAnywhere, type Operation, roleIn } from "./api/may";
import { NEEDS } from "./api/needs";
import type { Account, Role } from "./api/types";
import { neededAt } from "./components/May";
import { whyNot } from "./components/roles";
import { ALONE } from "./test/render";

const EVA: Account = { ...ALONE, mode: "server", is_admin: false, roles: { p: "admin" } };
const as = (role: Role): Account => ({ ...EVA, roles: { p: role } });

/** What programs call, and the page does not. */
const NOT_ON_THE_PAGE: readonly Operation[] = [
  "delete_webhook",
  "get_retention_hold",
  "get_user",
  "get_user_identity",
  "get_webhook",
  "list_readings",
  "list_retention_notices",
  "put_webhook",
  "rebuild_exchange_index",
  "send_dicom_results",
  "store_dicom_instances",
  "take_in_ecg",
  "withdraw_model",
];

const root = import.meta.dirname;
const textsOf = (...folders: string[]) =>
  folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.tsx?$/.test(path) && !path.includes(".test.") && !path.endsWith(".d.ts"))
      .map((path) => readFileSync(join(root, folder, path), "utf8")),
  );
const page = textsOf("app", "components", "features").join("\n");
const calls = textsOf("api").join("\n");

test("an admin of the installation may all, others what their role in the project may, strangers nothing", () => {
  expect(may("delete_project", EVA, "p")).toBe(true);
  expect(may("save_view", EVA, "q")).toBe(false);
  expect(may("add_user", EVA, "p")).toBe(false);
  expect(may("delete_project", { ...EVA, is_admin: true }, "q")).toBe(true);
  expect(may("add_user", { ...EVA, is_admin: true }, "")).toBe(true);
  expect(may("save_view", undefined, "p")).toBe(false);
  expect(may("create_run", ALONE, "p")).toBe(true);
  expect(mayAnywhere("push_model", EVA)).toBe(true);
  expect(mayAnywhere("push_model", as("trainer"))).toBe(false);
  expect(mayAnywhere("add_user", EVA)).toBe(false);
  expect(roleIn(EVA, "q")).toBeNull();
});

test("who labels does not train, who trains deletes no ECG, who looks changes nothing", () => {
  const done: Operation[] = ["upload_recordings", "save_reading", "create_run", "delete_model", "delete_recording"];
  const by = (role: Role) => done.filter((one) => may(one, as(role), "p"));
  expect(by("viewer")).toEqual([]);
  expect(by("annotator")).toEqual(["upload_recordings", "save_reading"]);
  expect(by("trainer")).toEqual(["upload_recordings", "save_reading", "create_run", "delete_model"]);
  expect(by("admin")).toEqual(done);
});

test("why something is not offered names the role that it takes, and one's own", () => {
  expect(whyNot("create_run", as("viewer"), "p")).toBe(
    "It takes the role “trainer” in this project; you are “viewer”. Ask an admin of the project.",
  );
  expect(whyNot("create_run", as("viewer"), "q")).toContain("Ask an admin of the project.");
  expect(whyNot("add_user", as("admin"), "p")).toBe("It takes an admin of the installation to do this.");
});

test("a form's address says what it takes, of the project that stands in it", () => {
  expect(neededAt("/projects/p/runs/new")).toEqual({ operation: "create_run", projectId: "p" });
  expect(neededAt("/projects/q/models/m/publish")).toEqual({ operation: "push_model", projectId: "q" });
  expect(neededAt("/users")?.operation).toBe("list_users");
  expect(neededAt("/projects/p/runs/r")).toBeUndefined();
});

test("whatever not everybody may call is asked for where its button stands, unless it is on no page", () => {
  const asked = (operation: string) =>
    page.includes(`"${operation}"`) ||
    // RemoveButton asks for the deletion of its thing.
    (operation.startsWith("delete_") && page.includes(`thing={{ kind: "${operation.slice(7)}"`));
  const forgotten = (Object.keys(NEEDS) as Operation[]).filter(
    (one) => !asked(one) && !NOT_ON_THE_PAGE.includes(one) && !ONE_WITH_ANOTHER[one],
  );
  expect(forgotten).toEqual([]);
  expect(NOT_ON_THE_PAGE.filter(asked)).toEqual([]);
});

/** Called only from where another operation was asked for that takes no less. */
const ONE_WITH_ANOTHER: Partial<Record<Operation, Operation>> = {
  add_retention_hold: "put_retention",
  add_user: "list_users",
  add_user_identity: "list_users",
  change_user: "list_users",
  export_audit: "list_audit_entries",
  get_agreement: "list_disagreements",
  get_label_set: "save_reading",
  get_publication: "push_model",
  get_read_recording: "save_reading",
  get_reading_queue: "save_reading",
  list_retention_holds: "put_retention",
  list_user_identities: "list_users",
  new_user_link: "list_users",
  preview_dataset: "create_dataset",
  preview_retention: "put_retention",
  preview_upload: "upload_recordings",
  remove_user_identity: "list_users",
  verify_audit: "list_audit_entries",
};

test("an operation that goes with another takes no more than that", () => {
  const order = ["annotator", "trainer", "admin", "installation"];
  for (const [one, other] of Object.entries(ONE_WITH_ANOTHER) as [Operation, Operation][]) {
    expect(order.indexOf(NEEDS[one]), one).toBeLessThanOrEqual(order.indexOf(NEEDS[other]));
    expect(page.includes(`"${other}"`), other).toBe(true);
  }
});

test("the page calls nothing of what is said to be on no page", () => {
  const paths = api.paths as Record<string, Record<string, { operationId: string }>>;
  const called = [...calls.matchAll(/client\.(GET|POST|PUT|PATCH|DELETE)\(\s*"([^"]+)"/g)].map(
    ([, method = "", path = ""]) => paths[path]?.[method.toLowerCase()]?.operationId ?? "",
  );
  expect(called.length).toBeGreaterThan(100);
  expect(NOT_ON_THE_PAGE.filter((one) => called.includes(one))).toEqual([]);
});
