import { t } from "@lingui/core/macro";
import { Group, Pagination, Text } from "@mantine/core";
import { language, region } from "@/language/language";

type Props = {
  page: number;
  size: number;
  total: number;
  onChange: (page: number) => void;
  /** What is paged, in the plural and in the language of the page. */
  noun: string;
};

const CONTROLS = { first: t`first page`, previous: t`previous page`, next: t`next page`, last: t`last page` };

/** "recordings" -> "recording"; other languages say "Aufzeichnungen: 1". */
const oneOf = (noun: string) => (language() === "en" ? noun.replace(/s$/, "") : noun);

/** Page buttons with the range that is shown; a single page shows only how many there are. */
export function Pager({ page, size, total, onChange, noun }: Props) {
  const pages = Math.max(1, Math.ceil(total / size));
  const number = (n: number) => n.toLocaleString(region());
  const first = number(total === 0 ? 0 : (page - 1) * size + 1);
  const last = number(Math.min(total, page * size));
  const all = number(total);
  return (
    <Group justify="space-between" gap="sm">
      <Text size="sm" c="dimmed" aria-live="polite">
        {pages > 1 ? t`${first}–${last} of ${all} ${noun}` : t`${all} ${total === 1 ? oneOf(noun) : noun}`}
      </Text>
      {pages > 1 && (
        <Pagination
          value={page}
          onChange={onChange}
          total={pages}
          size="sm"
          siblings={1}
          boundaries={1}
          getControlProps={(control) => ({ "aria-label": CONTROLS[control] })}
          getItemProps={(item) => ({ "aria-label": t`Page ${item}` })}
        />
      )}
    </Group>
  );
}
