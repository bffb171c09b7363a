import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { show } from "@/test/render";
import { ExportProject } from "./ExportProject";

test("a project is downloaded by its address, and what to mind is said beside it", () => {
  show(<ExportProject projectId="a b" />);
  const link = screen.getByRole("link", { name: "Download the project" });
  expect(link.getAttribute("href")).toBe("/api/v1/projects/a%20b/export");
  expect(link.hasAttribute("download")).toBe(true);
  expect(screen.getByText(/keep it encrypted/)).toBeTruthy();
});
