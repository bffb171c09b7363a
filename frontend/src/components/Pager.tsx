import { Group, Pagination, Text } from "@mantine/core";
import { region } from "@/language/language";
import { count } from "@/lib/format";

type Props = {
  page: number;
  size: number;
  total: number;
  onChange: (page: number) => void;
  /** What is paged, in the plural. */
  noun: string;
};

/** Page buttons with the range that is shown; a single page shows only how many there are. */
export function Pager({ page, size, total, onChange, noun }: Props) {
  const pages = Math.max(1, Math.ceil(total / size));
  const first = total === 0 ? 0 : (page - 1) * size + 1;
  const last = Math.min(total, page * size);
  return (
    <Group justify="space-between" gap="sm">
      <Text size="sm" c="dimmed" aria-live="polite">
        {pages > 1
          ? `${first.toLocaleString(region())}–${last.toLocaleString(region())} of ${total.toLocaleString(region())} ${noun}`
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
