import { Paper, Text } from "@mantine/core";
import { Link } from "react-router";
import { region } from "@/language/language";

/** A large number and what it counts; with `to` it leads there. */
export function Figure({ n, text, to }: { n: number; text: string; to?: string }) {
  const body = (
    <>
      <Text fz={26} fw={650} lh={1.1} className="numbers" component="span" display="block">
        {n.toLocaleString(region())}
      </Text>
      <Text size="sm" c="dimmed" component="span">
        {text}
      </Text>
    </>
  );
  return (
    <Paper component="li" withBorder>
      {to ? (
        <Link to={to} className="figure">
          {body}
        </Link>
      ) : (
        <div className="figure">{body}</div>
      )}
    </Paper>
  );
}
