import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { ApiError } from "@/api/client";
import { show } from "@/test/render";
import { ConfirmButton } from "./ConfirmButton";
import { NamesList } from "./NamesList";
import { Problem } from "./Note";

test("a problem is shown in the platform's own words and read out", () => {
  show(<Problem error={new ApiError(422, "UndeclaredError", "Say the rate of a.csv.")} title="Not taken" />);
  expect(screen.getByRole("alert").textContent).toContain("Say the rate of a.csv.");
});

test("what cannot be undone is asked for first, and a failure stays beside the question", async () => {
  const user = userEvent.setup();
  const remove = vi.fn().mockRejectedValueOnce(new ApiError(409, "ConflictError", "It is still running."));
  const done = vi.fn();
  show(
    <ConfirmButton
      takes={null}
      label="Delete a"
      question="Delete?"
      confirm="Delete it"
      onConfirm={remove}
      onDone={done}
      iconOnly
    >
      Gone for good.
    </ConfirmButton>,
  );
  await user.click(screen.getByRole("button", { name: "Delete a" }));
  expect(remove).not.toHaveBeenCalled();
  await user.click(await screen.findByRole("button", { name: "Delete it" }));
  expect((await screen.findByRole("alert")).textContent).toContain("It is still running.");
  expect(done).not.toHaveBeenCalled();
  remove.mockResolvedValueOnce(undefined);
  await user.click(screen.getByRole("button", { name: "Delete it" }));
  await waitFor(() => expect(done).toHaveBeenCalledOnce());
});

test("a list that is cut off says so", async () => {
  const user = userEvent.setup();
  show(<NamesList title="Rows without a recording" names={["a", "b"]} total={3} fileName="x.txt" />);
  await user.click(screen.getByRole("button", { name: /Rows without a recording \(3\)/ }));
  expect(screen.getByText("The first 2 are shown.")).toBeTruthy();
});
