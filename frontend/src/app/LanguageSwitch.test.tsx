import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { WelcomePage } from "@/features/accounts/WelcomePage";
import { wanted } from "@/language/language";
import { englishAfterwards, inGerman } from "@/test/german";
import { show } from "@/test/render";
import { LanguageSwitch } from "./LanguageSwitch";

englishAfterwards();
beforeEach(() => {
  localStorage.clear();
  history.replaceState(null, "", "/");
});
const reloads = () => vi.spyOn(location, "reload").mockImplementation(() => undefined);

test("the other language is called by its own name, and is pronounced so", async () => {
  const reload = reloads();
  const { unmount } = show(<LanguageSwitch />);
  const toGerman = screen.getByTitle("Deutsch");
  expect(toGerman.lang).toBe("de");
  await userEvent.click(toGerman);
  expect([wanted(), reload.mock.calls.length]).toEqual(["de", 1]);
  unmount();
  inGerman();
  show(<LanguageSwitch />);
  expect(screen.getByTitle("English").lang).toBe("en");
});

test("the secret of a link, which is in no address, is not lost when the language changes", async () => {
  reloads();
  history.replaceState(null, "", "/welcome#secret");
  const { unmount } = show(
    <>
      <LanguageSwitch />
      <WelcomePage />
    </>,
  );
  expect(location.hash).toBe("");
  await userEvent.click(screen.getByTitle("Deutsch"));
  expect(location.hash).toBe("#secret");
  unmount();
  history.replaceState(null, "", "/");
  show(<LanguageSwitch />);
  await userEvent.click(screen.getByTitle("Deutsch"));
  expect(location.hash).toBe(""); // elsewhere there is none to put back
});
