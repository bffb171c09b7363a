import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { NativeSelect, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import type { LabelChoice, LabelPreview } from "@/api/types";
import { Chip } from "@/components/Chip";
import { region } from "@/language/language";
import { KINDS, ROLES, type Role, roleOf, withRole } from "./choice";

type Props = { preview: LabelPreview; choice: LabelChoice; onChange: (choice: LabelChoice) => void };

/** The columns of the table, one a line: what stands in them, what they find, and a menu of what they mean.
 * Those that likely mean something come first, and stay there whatever is chosen. */
export function ColumnRoles({ preview, choice, onChange }: Props) {
  const found = new Map(
    preview.matches.flatMap((match) => match.columns.map((name) => [name, match] as const)).reverse(),
  );
  const [likely] = useState(() => [choice, ...preview.suggestions.map((one) => one.choice)]);
  const isLikely = (name: string) => likely.some((one) => roleOf(one, name) !== "none");
  const columns = [
    ...preview.columns.filter((column) => isLikely(column.name)),
    ...preview.columns.filter((column) => !isLikely(column.name)),
  ];
  return (
    <Table.ScrollContainer minWidth={0} maxHeight={440} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table aria-label={t`Columns of the table`} verticalSpacing={6} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Trans>Column</Trans>
            </Table.Th>
            <Table.Th visibleFrom="sm">
              <Trans>Such as</Trans>
            </Table.Th>
            <Table.Th w={190}>
              <Trans>Means</Trans>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {columns.map((column) => {
            const role = roleOf(choice, column.name);
            const match = found.get(column.name);
            return (
              <Table.Tr key={column.name} bg={role === "none" ? undefined : "var(--tone-info-soft)"}>
                <Table.Td style={{ overflowWrap: "anywhere", minWidth: 110 }}>
                  <Text size="sm" fw={role === "none" ? 400 : 650}>
                    {column.name}
                  </Text>
                  <Text size="xs" c="dimmed" className="numbers">
                    {KINDS[column.kind]}
                    {column.kind !== "empty" &&
                      ` · ${t`${{ number: column.n_distinct.toLocaleString(region()) }} different`}`}
                  </Text>
                  {match && match.n_matched > 0 && (
                    <Chip tone="good" icon="check">
                      {t`matches ${{ number: match.n_matched.toLocaleString(region()) }}`}
                    </Chip>
                  )}
                </Table.Td>
                <Table.Td visibleFrom="sm">
                  <Stack gap={0}>
                    {column.examples.map((example) => (
                      <Text key={example} size="xs" ff="monospace" lineClamp={1} style={{ wordBreak: "break-all" }}>
                        {example}
                      </Text>
                    ))}
                  </Stack>
                </Table.Td>
                <Table.Td>
                  <NativeSelect
                    size="sm"
                    aria-label={t`Meaning of ${{ column: column.name }}`}
                    data={ROLES.map(([value, label]) => ({ value, label }))}
                    value={role}
                    disabled={column.kind === "empty"}
                    onChange={(event) =>
                      onChange(withRole(choice, column.name, event.currentTarget.value as Role, preview.matches))
                    }
                  />
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
