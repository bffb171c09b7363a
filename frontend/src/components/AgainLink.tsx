import { Trans } from "@lingui/react/macro";
import type { Operation } from "@/api/may";
import { ButtonLink } from "./ButtonLink";
import { Icon } from "./icons";
import { useMay } from "./May";

type Props = { to: string; operation: Operation };

/** Opens, for who may start such a thing, the form that it was started with, filled in as it was then. */
export function AgainLink({ to, operation }: Props) {
  const may = useMay();
  if (!may(operation)) return null;
  return (
    <ButtonLink to={to} variant="default" leftSection={<Icon name="again" size={16} />}>
      <Trans>Run again</Trans>
    </ButtonLink>
  );
}
