import { Anchor, Button, type ButtonProps } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";

type Props = ButtonProps & { to: string; children: ReactNode };

/** A link that looks like a button. */
export function ButtonLink({ to, ...button }: Props) {
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
