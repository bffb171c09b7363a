import { Group, Pagination, Text } from "@mantine/core";
import { count } from "@/lib/format";

/** Pages of a list of very many that are offered by number. */
const FURTHEST = 1000;

type Props = {
  page: number;
  size: number;
  total: number;
  /** The total is told from a sample: pages past the first thousand are not offered. */
  about?: boolean;
  onChange: (page: number) => void;
  /** What is paged, in the plural. */
  noun: string;
};

/** Page buttons with the range that is shown; a single page shows only how many there are. */
export function Pager({ page, size, total, about = false, onChange, noun }: Props) {
  const all = Math.max(1, Math.ceil(total / size));
  const pages = about ? Math.max(page, Math.min(all, FURTHEST)) : all;
  const first = total === 0 ? 0 : (page - 1) * size + 1;
  const last = Math.min(total, page * size);
  return (
    <Group justify="space-between" gap="sm">
      <Text size="sm" c="dimmed" aria-live="polite">
        {pages > 1
          ? `${first.toLocaleString("en")}–${last.toLocaleString("en")} of ${about ? "about " : ""}${total.toLocaleString("en")} ${noun}${pages < all ? "; search or filter for those further down" : ""}`
          : count(total, noun.replace(/s$/, ""), noun)}
      </Text>
      {pages > 1 && (
        <Pagination
          value={page}
          onChange={onChange}
          total={pages}
          size="sm"
          siblings={1}
          boundaries={1}
          getControlProps={(control) => ({ "aria-label": `${control} page` })}
          getItemProps={(item) => ({ "aria-label": `Page ${item}` })}
        />
      )}
    </Group>
  );
}
