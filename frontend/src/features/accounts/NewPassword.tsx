import { t } from "@lingui/core/macro";
import { Button, PasswordInput, Stack } from "@mantine/core";
import type { UseMutationResult } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { Problem } from "@/components/Note";

const SHORTEST = 12;

type Props = {
  action: Pick<UseMutationResult<unknown, Error, string>, "mutate" | "error" | "isPending">;
  submit: string;
  /** Fields above the new password. */
  children?: ReactNode;
};

/** Asks twice for a new password, so that a slip of the finger shuts nobody out. */
export function NewPassword({ action, submit, children }: Props) {
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const differs = again !== "" && again !== password;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (password === again) action.mutate(password);
  };
  return (
    <form onSubmit={onSubmit}>
      <Stack>
        {children}
        <PasswordInput
          label={t`New password`}
          description={t`At least ${SHORTEST} characters; several words make a good one.`}
          required
          minLength={SHORTEST}
          maxLength={1000}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <PasswordInput
          label={t`The same again`}
          required
          maxLength={1000}
          autoComplete="new-password"
          error={differs && t`The two passwords differ.`}
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
        />
        <Problem error={action.error} />
        <div>
          <Button type="submit" loading={action.isPending} disabled={differs}>
            {submit}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
