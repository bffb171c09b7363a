import { MantineProvider, NumberInput } from "@mantine/core";
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { client } from "@/api/client";
import { inLanguage } from "@/language/language";
import { englishAfterwards, inGerman } from "@/test/german";
import { show } from "@/test/render";
import { CrossValidated } from "./CrossValidated";
import { Pager } from "./Pager";
import { separators } from "./plotly";

englishAfterwards();
beforeEach(inGerman);

test("how many there are is said by a word of any gender and number", () => {
  const pager = { size: 50, onChange: () => undefined, noun: "Aufzeichnungen" };
  show(<Pager {...pager} page={2} total={1234} />);
  expect(screen.getByText("Aufzeichnungen: 51–100 von 1.234")).toBeTruthy();
  show(<Pager {...pager} page={1} total={1} />);
  expect(screen.getByText("Aufzeichnungen: 1")).toBeTruthy();
  show(<Pager {...pager} noun="EKGs" page={1} total={1} />);
  expect(screen.getByText("EKGs: 1")).toBeTruthy();
});

test("the platform is asked for its sentences in German", async () => {
  const asked: (string | null)[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(request.headers.get("Accept-Language"));
    return Response.json([]);
  });
  await client.GET("/api/v1/projects");
  expect(asked).toEqual(["de"]);
  expect([inLanguage("/a"), inLanguage("/a?b=1")]).toEqual(["/a?language=de", "/a?b=1&language=de"]);
});

test("a cross-validation is told in German sentences with German numbers", () => {
  const spread = [{ measure: "macro_auroc", label: null, lowest: 0.781, highest: 0.842, sd: 0.021, n: 10 }];
  const how = { folds: 5, repeats: 10, n_only_trained: 1, kept: "It has learned from all.", over: "repeats", spread };
  const { container } = show(<CrossValidated evaluation={{ n: 1064, cross_validation: how }} />);
  const text = container.textContent ?? "";
  expect(text).toContain("Jede der 1.064 Aufzeichnungen");
  expect(text).toContain("10-mal");
  expect(text).toContain("1 weitere diente nur dem Training, weil das Ausgangsmodell sie oder ihren Patienten kennt.");
  expect(text).toContain("zwischen den Wiederholungen von 0,781 bis 0,842 (SD 0,021).");
});

test("charts write 1234.5 as Germans do", () => {
  expect(separators()).toBe(",.");
});

test.each(["0,05", "0.05"])("%s is typed as a number, and shown with a comma", async (typed) => {
  vi.resetModules(); // the theme reads the language when it is loaded
  const { theme } = await import("@/app/theme");
  const taken = vi.fn();
  function Field() {
    const [value, setValue] = useState<string | number>(1);
    const take = (next: string | number) => {
      taken(next);
      setValue(next);
    };
    return <NumberInput label="Anteil" min={0} max={1} step={0.01} value={value} onChange={take} />;
  }
  show(
    <MantineProvider theme={theme} env="test">
      <Field />
    </MantineProvider>,
  );
  const field = screen.getByLabelText<HTMLInputElement>("Anteil");
  await userEvent.clear(field);
  await userEvent.type(field, typed);
  expect(field.value).toBe("0,05");
  expect(taken.mock.lastCall).toEqual([0.05]);
  await userEvent.keyboard("{ArrowUp}");
  expect(field.value).toBe("0,06");
  await userEvent.tab();
  expect(field.value).toBe("0,06");
  expect(taken.mock.lastCall).toEqual([0.06]);
});
