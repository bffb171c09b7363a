import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { goToProvider, problemInAddress, type SignInProblem, takeProblemOut } from "@/api/provider";
import { Note, Problem } from "@/components/Note";
import { useTaken } from "@/lib/useTaken";

const SAID: Record<SignInProblem, string> = {
  cancelled: t`You were not signed in: it was cancelled.`,
  failed: t`You were not signed in. Try again; if it does not work a second time, ask an admin.`,
  refused: t`You cannot sign in here with this account. Ask an admin of this platform to let you in.`,
  taken: t`This account belongs to another user here. Ask an admin.`,
  unavailable: t`The sign-in service of your organisation does not answer. Try again in a moment.`,
};

type Props = { name: string /** What stands after the # of a link that works once. */; link?: string };

/** The button with which one signs in at the organisation's own sign-in service. */
export function ProviderButton({ name, link = "" }: Props) {
  const go = useMutation({
    mutationFn: () => goToProvider(link ? "/" : `${location.pathname}${location.search}`, link),
  });
  return (
    <>
      <Button onClick={() => go.mutate()} loading={go.isPending || go.isSuccess}>
        <Trans>Sign in with {name}</Trans>
      </Button>
      <Problem error={go.error} />
    </>
  );
}

/** What went wrong at the sign-in service, said once. */
export function ProviderProblem() {
  const problem = useTaken(problemInAddress, takeProblemOut);
  if (!problem) return null;
  return (
    <Note tone={problem === "cancelled" ? "info" : "bad"} alert>
      {SAID[problem] ?? SAID.failed}
    </Note>
  );
}
