import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";
import { show } from "@/test/render";
import { DeclaredForm } from "./DeclaredForm";
import { type Declared, USUAL } from "./declared";

let declared: Declared = USUAL;

function Form() {
  const [value, setValue] = useState(USUAL);
  declared = value;
  return <DeclaredForm value={value} onChange={setValue} />;
}

test("a rate may have a decimal comma, and a field left empty shows again what still holds", async () => {
  const user = userEvent.setup();
  show(<Form />);
  const rate = screen.getByLabelText<HTMLInputElement>("Sampling rate");
  await user.clear(rate);
  await user.type(rate, "257,5");
  await user.tab();
  expect(declared.rate).toBe(257.5);
  await user.clear(rate);
  expect(rate.value).toBe("");
  await user.tab();
  expect(rate.value).toBe("257.5 Hz");
  expect(declared.rate).toBe(257.5);
});
