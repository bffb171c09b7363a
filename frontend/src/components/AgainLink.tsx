import { Trans } from "@lingui/react/macro";
import { ButtonLink } from "./ButtonLink";
import { Icon } from "./icons";

/** Opens the form that something was started with, filled in as it was then. */
export function AgainLink({ to }: { to: string }) {
  return (
    <ButtonLink to={to} variant="default" leftSection={<Icon name="again" size={16} />}>
      <Trans>Run again</Trans>
    </ButtonLink>
  );
}
