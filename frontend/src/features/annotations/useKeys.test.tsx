import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { show } from "@/test/render";
import { useKeys } from "./useKeys";

function Reader({ heard }: { heard: string[] }) {
  useKeys({ "1": () => heard.push("1"), l: () => heard.push("l"), Enter: () => heard.push("Enter") });
  return (
    <>
      <textarea aria-label="Note" />
      <button type="button">Undo</button>
    </>
  );
}

const press = (key: string, more: KeyboardEventInit = {}, target: Element = document.body) =>
  fireEvent.keyDown(target, { key, bubbles: true, ...more });

test("a key that is held down counts once, and goes no further", () => {
  const heard: string[] = [];
  const viewer: string[] = [];
  const listen = (event: KeyboardEvent) => viewer.push(event.key);
  show(<Reader heard={heard} />);
  addEventListener("keydown", listen);
  press("1");
  press("1", { repeat: true });
  press("l");
  press("v");
  removeEventListener("keydown", listen);
  expect(heard).toEqual(["1", "l"]);
  expect(viewer).toEqual(["v"]); // keys of the viewer that no label has go on working
});

test("digits count by their place and letters whatever caps lock says", () => {
  const heard: string[] = [];
  show(<Reader heard={heard} />);
  press("&", { code: "Digit1" }); // as a French keyboard has it
  press("L");
  press("1", { ctrlKey: true });
  expect(heard).toEqual(["1", "l"]);
});

test("who types a note or presses a button gives no label", () => {
  const heard: string[] = [];
  show(<Reader heard={heard} />);
  press("1", {}, screen.getByRole("textbox"));
  press("Enter", {}, screen.getByRole("button"));
  expect(heard).toEqual([]);
  press("Enter");
  expect(heard).toEqual(["Enter"]);
});
