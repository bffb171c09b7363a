import { expect, test } from "vitest";
import type { Model } from "@/api/types";
import { show } from "@/test/render";
import { FEW_LABELS, StartAdvice } from "./StartAdvice";

const CARDX = { id: "cardx", name: "CardX", origin: "shipped" } as Model;

test("with few labelled recordings the foundation model is advised, with more a new one; the figures are linked", () => {
  const few = show(<StartAdvice projectId="p" bases={[CARDX]} n={FEW_LABELS} />);
  expect(few.container.textContent).toContain(`With ${FEW_LABELS} labelled recordings, start from CardX`);
  expect(few.container.querySelector("a")?.getAttribute("href")).toContain("/models/cardx");
  few.unmount();
  const many = show(<StartAdvice projectId="p" bases={[CARDX]} n={FEW_LABELS + 1} />);
  expect(many.container.textContent).toContain("train a new model");
});

test("nothing is advised where no model comes with the platform, or nothing is labelled", () => {
  const own = { ...CARDX, origin: "trained" } as Model;
  const { container } = show(
    <>
      <StartAdvice projectId="p" bases={[own]} n={100} />
      <StartAdvice projectId="p" bases={[CARDX]} n={0} />
    </>,
  );
  expect(container.querySelector("a")).toBeNull();
});
