import { Anchor, Button, type ButtonProps } from "@mantine/core";
import type { ReactNode } from "react";
import { Link, useResolvedPath } from "react-router";
import { neededAt, useMay } from "./May";

type Props = ButtonProps & { to: string; children: ReactNode };

/** A link that looks like a button; none to a page that is of no use to who has signed in. */
export function ButtonLink({ to, ...button }: Props) {
  const may = useMay();
  const needed = neededAt(useResolvedPath(to).pathname);
  if (needed && !may(needed.operation, needed.projectId)) return null;
  return <Button renderRoot={(props) => <Link to={to} {...props} />} {...button} />;
}

/** A link inside text. */
export function TextLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Anchor inherit underline="always" renderRoot={(props) => <Link to={to} {...props} />}>
      {children}
    </Anchor>
  );
}

/** A link that saves a file of the platform. */
export function DownloadLink({ href, children, ...button }: ButtonProps & { href: string; children: ReactNode }) {
  return (
    <Button variant="default" renderRoot={(props) => <a href={href} download {...props} />} {...button}>
      {children}
    </Button>
  );
}
