import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { RouterReport } from "@/api/types";
import { show } from "@/test/render";
import { Routes } from "./Routes";

const REPORT: RouterReport = {
  n: 40,
  always_on: "xresnet1d",
  experts: ["xception_time", "inception_time", "transformer"],
  shares: [0.5, 0.25, 0.25],
  by_label: [{ label: "All", n: 10, shares: [1, 0, 0] }],
  ecg_entropy: 0.8,
  share_entropy: 0.946,
  effective_experts: 2.83,
  alarm: "",
};

test("each label has the shares of its experts, also one that is called like the row of all", () => {
  show(<Routes report={REPORT} by="predicted" />);
  const rows = screen.getAllByRole("row").map((row) => row.textContent);
  expect(rows[0]).toBe("Predicted labelRecordingsXceptionTimeInceptionTimeTransformer");
  expect(rows[1]).toMatch(/^All4050\s?%25\s?%25\s?%$/);
  expect(rows[2]).toMatch(/^All10100\s?%0\s?%0\s?%$/);
  expect(screen.getByText(/residual network sees every ECG/)).toBeTruthy();
  expect(screen.queryByText("One expert takes nearly all")).toBeNull();
});

test("an alarm is shown, and a network without experts says nothing", () => {
  const alarm = "The expert xception_time takes 95% of the ECGs: the router chooses no more.";
  const { container, unmount } = show(<Routes report={{ ...REPORT, alarm }} by="true" />);
  expect(container.textContent).toContain(alarm);
  unmount();
  const other = show(<Routes report={null} by="true" />);
  expect(other.container.querySelector("table")).toBeNull();
});
