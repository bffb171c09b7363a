import { t } from "@lingui/core/macro";
import { Group, Pagination, Text } from "@mantine/core";
import { language, region } from "@/language/language";

/** Pages of a list of very many that are offered by number. */
const FURTHEST = 1000;

type Props = {
  page: number;
  size: number;
  total: number;
  /** The total is told from a sample: pages past the first thousand are not offered. */
  about?: boolean;
  onChange: (page: number) => void;
  /** What is paged, in the plural and in the language of the page. */
  noun: string;
};

const CONTROLS = { first: t`first page`, previous: t`previous page`, next: t`next page`, last: t`last page` };

/** "recordings" -> "recording"; other languages say "Aufzeichnungen: 1". */
const oneOf = (noun: string) => (language() === "en" ? noun.replace(/s$/, "") : noun);

/** Page buttons with the range that is shown; a single page shows only how many there are. */
export function Pager({ page, size, total, about = false, onChange, noun }: Props) {
  const every = Math.max(1, Math.ceil(total / size));
  const pages = about ? Math.max(page, Math.min(every, FURTHEST)) : every;
  const number = (n: number) => n.toLocaleString(region());
  const first = number(total === 0 ? 0 : (page - 1) * size + 1);
  const last = number(Math.min(total, page * size));
  const all = about ? t`about ${number(total)}` : number(total);
  const shown = pages > 1 ? t`${first}–${last} of ${all} ${noun}` : t`${all} ${total === 1 ? oneOf(noun) : noun}`;
  return (
    <Group justify="space-between" gap="sm">
      <Text size="sm" c="dimmed" aria-live="polite">
        {pages < every ? t`${shown}; search or filter for those further down` : shown}
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
