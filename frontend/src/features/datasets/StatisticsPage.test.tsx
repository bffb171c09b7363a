import { screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { DatasetStatistics } from "@/api/types";
import { answering, show } from "@/test/render";
import { StatisticsPage } from "./StatisticsPage";

const statistics: DatasetStatistics = {
  n_recordings: 10,
  n_patients: 9,
  labels: [
    { value: "MI", n: 6 },
    { value: "AFIB", n: 3 },
    { value: "NORM", n: 0 },
  ],
  pairs: [{ one: "AFIB", other: "MI", n: 2 }],
  n_unlabelled: 1,
  sex: [
    { value: "F", n: 7 },
    { value: "", n: 3 },
  ],
  age: [
    { low: 50, high: 60, female: 4, male: 0, unknown: 1 },
    { low: 90, high: null, female: 2, male: 1, unknown: 0 },
  ],
  n_without_age: 2,
  rate: [{ hz: 500, n: 10 }],
  device: [{ value: "Muse & Co", n: 10 }],
  format: [{ value: "dicom", n: 10 }],
  finding: [{ value: "flat_lead", n: 2 }],
  n_good: 8,
  n_doubtful: 2,
};

async function page() {
  vi.stubGlobal(
    "fetch",
    answering({
      "GET /api/v1/projects/p/datasets/d/statistics": () => statistics,
      "GET /api/v1/projects/p/datasets": () => [{ id: "d", name: "Read by Dr. A" }],
    }),
  );
  show(<StatisticsPage />, "/projects/p/labels/tables/d", "/projects/:projectId/labels/tables/:datasetId");
  await screen.findByText("10 recordings of 9 patients. Each number leads to the recordings it counts.");
}

const query = (link: HTMLElement) =>
  Object.fromEntries(new URL(link.getAttribute("href") ?? "", "http://x").searchParams);

test("each number leads to the recordings that it counts, of this table", async () => {
  await page();
  const of = (name: string) => within(screen.getByRole("table", { name }));
  expect(query(of("Labels").getByRole("link", { name: "MI" }))).toEqual({ dataset_id: "d", label: "MI" });
  expect(of("Labels").queryByRole("link", { name: "NORM" })).toBeNull(); // an empty list is no way to go
  const ages = of("Age and sex");
  expect(query(ages.getByRole("link", { name: "4" }))).toEqual({
    dataset_id: "d",
    age_min: "50",
    age_max: "59",
    sex: "F",
  });
  expect(query(ages.getByRole("link", { name: "90 and more" }))).toEqual({ dataset_id: "d", age_min: "90" });
  expect(query(of("Signal quality").getByRole("link", { name: "Doubtful" }))).toEqual({
    dataset_id: "d",
    quality: "doubtful",
  });
  expect(query(of("Device").getByRole("link", { name: "Muse & Co" }))).toEqual({
    dataset_id: "d",
    device: "Muse & Co",
  });
  expect(query(of("Sampling rate").getByRole("link", { name: "500 Hz" }))).toEqual({ dataset_id: "d", rate: "500" });
});

test("labels that go together stand on both sides of the diagonal", async () => {
  await page();
  const table = within(screen.getByRole("table", { name: "Labels that go together" }));
  const pairs = table.getAllByRole("link", { name: "2" }).map(query);
  expect(pairs).toEqual([
    { dataset_id: "d", label: "MI", and_label: "AFIB" },
    { dataset_id: "d", label: "AFIB", and_label: "MI" },
  ]);
  expect(query(table.getByRole("link", { name: "6" }))).toEqual({ dataset_id: "d", label: "MI" });
});
