import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useRef, useState } from "react";
import { expect, test } from "vitest";
import { show } from "@/test/render";
import { NoteField } from "./NoteField";

/** Two ECGs one after the other, and what was noted on each. */
function Two({ kept }: { kept: string[] }) {
  const [ecg, setEcg] = useState("first");
  const field = useRef<HTMLTextAreaElement>(null);
  return (
    <>
      <NoteField key={ecg} note="" disabled={false} field={field} onNote={(note) => kept.push(`${ecg}: ${note}`)} />
      <button type="button" onMouseDown={(event) => event.preventDefault()} onClick={() => setEcg("second")}>
        Next
      </button>
    </>
  );
}

test("a note that is still being typed goes to its own ECG when the next one comes", async () => {
  const kept: string[] = [];
  show(<Two kept={kept} />);
  await userEvent.type(screen.getByRole("textbox", { name: "Note" }), "late R ");
  await userEvent.click(screen.getByRole("button", { name: "Next" })); // the field never loses the focus
  expect(kept).toEqual(["first: late R"]);
  expect(screen.getByRole("textbox", { name: "Note" })).toHaveProperty("value", "");
});

test("a note is kept when one pauses, and by Escape", async () => {
  const kept: string[] = [];
  show(<Two kept={kept} />);
  const note = screen.getByRole("textbox", { name: "Note" });
  await userEvent.type(note, "a");
  await waitFor(() => expect(kept).toEqual(["first: a"]));
  await userEvent.type(note, "b{Escape}");
  expect(kept.at(-1)).toBe("first: ab");
  expect(document.activeElement).not.toBe(note);
});
